"""How small a defect is noticed and where: the figures of the gate's own resolution on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, readings, table
from reports.parity.summary import DTYPES, display, position
from reports.text import ABSENT, figure, safe
from reports.trust.record import Localisation, Sensitivity

LEAST = (
    "The least relative error of a single element that is rejected, limit · u · gauge / abs(truth): at the median "
    "element, and in brackets at the worst, where sums all but cancel. Wide cases on normal input."
)
QUANTITIES = ("output", "dx", "dweight", "dbias")


@dataclass(frozen=True)
class Sensitivities:
    """What was measured of one quantity of a module, by dtype."""

    module: str
    quantity: str
    of_dtype: Mapping[str, Sensitivity]


PLACES: Sequence[Column[Localisation]] = (
    Column("module", lambda place: safe(place.module)),
    Column("quantity", lambda place: safe(display(place.quantity))),
    Column("elements", lambda place: f"{place.elements:,}", RIGHT),
    Column("off by, u·gauge", lambda place: f"{place.off:g}", RIGHT),
    Column("planted at", lambda place: str(place.planted)),
    Column("found at", lambda place: str(place.found)),
    Column("error found, u·gauge", lambda place: figure(place.error), RIGHT),
    Column("outcome", lambda place: "✓ found" if place.caught else "✗ NOT FOUND"),
)


def section(sensitivities: Sequence[Sensitivity]) -> str:
    """Return one row a module and quantity, one column a dtype."""
    if not sensitivities:
        return "This run did not measure it."
    dtypes = sorted({seen.dtype for seen in sensitivities}, key=lambda name: position(name, DTYPES))
    columns: Sequence[Column[Sensitivities]] = (
        Column("module", lambda row: safe(row.module)),
        Column("quantity", lambda row: safe(display(row.quantity))),
        *(of_dtype(dtype) for dtype in dtypes),
    )
    return f"{readings(*columns)}\n\n{table(columns, measured(sensitivities))}"


def of_dtype(dtype: str) -> Column[Sensitivities]:
    """Return the column of one dtype."""
    return Column(safe(dtype), lambda row: shown(row.of_dtype.get(dtype)), RIGHT, LEAST)


def shown(seen: Sensitivity | None) -> str:
    return f"{figure(seen.median)} ({figure(seen.worst)})" if seen else ABSENT


def measured(sensitivities: Sequence[Sensitivity]) -> list[Sensitivities]:
    """Return the rows, by module, the output first."""
    placed: dict[tuple[str, str], dict[str, Sensitivity]] = {}
    for seen in sensitivities:
        placed.setdefault((seen.module, seen.quantity), {}).setdefault(seen.dtype, seen)
    rows = [Sensitivities(module, quantity, of_dtype) for (module, quantity), of_dtype in placed.items()]
    return sorted(rows, key=lambda row: (row.module, position(row.quantity, QUANTITIES)))


def places(localisations: Sequence[Localisation]) -> str:
    """Return where a wrong element was planted, and where it was found."""
    return table(PLACES, localisations) if localisations else "This run did not look."
