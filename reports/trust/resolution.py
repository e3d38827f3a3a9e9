"""How small a defect is noticed and where: the figures of the gate's own resolution on the page."""

from collections.abc import Sequence

from reports.parity.summary import DTYPES, display, position
from reports.text import ABSENT, figure, safe, table
from reports.trust.record import Localisation, Sensitivity

OF_SENSITIVITY = (
    "The least relative error of a single element that is rejected, limit · u · gauge / abs(truth): at the median "
    "element, and in brackets at the worst, where sums all but cancel. Wide cases on normal input."
)


def section(found: Sequence[Sensitivity]) -> str:
    """Return one row a module and quantity, one column a dtype."""
    if not found:
        return "This run did not measure it."
    dtypes = sorted({seen.dtype for seen in found}, key=lambda name: position(name, DTYPES))
    order = ("output", "dx", "dweight", "dbias")
    keys = sorted({(seen.module, seen.quantity) for seen in found}, key=lambda key: (key[0], position(key[1], order)))
    rows = [
        [safe(module), safe(display(quantity)), *(shown(found, module, quantity, dtype) for dtype in dtypes)]
        for module, quantity in keys
    ]
    return f"{OF_SENSITIVITY}\n\n{table(('module', 'quantity', *dtypes), rows, 'll' + 'r' * len(dtypes))}"


def shown(found: Sequence[Sensitivity], module: str, quantity: str, dtype: str) -> str:
    for seen in found:
        if (seen.module, seen.quantity, seen.dtype) == (module, quantity, dtype):
            return f"{figure(seen.median)} ({figure(seen.worst)})"
    return ABSENT


def places(found: Sequence[Localisation]) -> str:
    """Return where a wrong element was planted, and where it was found."""
    if not found:
        return "This run did not look."
    rows = [
        [
            safe(place.module),
            safe(display(place.quantity)),
            f"{place.elements:,}",
            f"{place.off:g}",
            str(place.planted),
            str(place.found),
            figure(place.error),
            "✓ found" if place.caught else "✗ NOT FOUND",
        ]
        for place in found
    ]
    headers = (
        "module",
        "quantity",
        "elements",
        "off by, u·gauge",
        "planted at",
        "found at",
        "error found, u·gauge",
        "",
    )
    return table(headers, rows, "llrrllrl")
