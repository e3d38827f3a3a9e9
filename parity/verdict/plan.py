"""The plan: which cells are run. Everything that is left out is left out here, with its reason."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product

from parity.catalogue.page import Case, Page
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.regimes import REGIMES

COTANGENTS = (1e-4, 1.0, 1e3)

# Quantities so near zero, or so ill-conditioned, that zeros would pass; to agree there proves nothing. They are still
# compared. Patterns over "module case dtype regime cotangent quantity"; one that matches no cell is an error.
DEGENERATE = {
    "Sigmoid * offset 1.0 dx": "the derivative at 100 is 4e-44",
    "Tanh * offset 1.0 dx": "the derivative at 100 is below 1e-86",
    "Softmax one-class * dx": "softmax of one class is constant",
    "Softmax * *float16 huge 1.0 dx": "every row is all but one-hot, where the derivative vanishes",
    "MSELoss * bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them",
    "CrossEntropyLoss * bfloat16 special 1.0 output": "the loss at logits of 1000, rounded to 4",
    "CrossEntropyLoss * bfloat16 offset 1.0 *": "logits near 100 are 0.5 apart, as large as the losses",
    "BCELoss * bfloat16 offset 1.0 dx": "probabilities near 1 are 2^-8 apart, and the derivative divides by 1 - p",
    "*Loss * float16 normal 0.0001 dx": "1e-4 of a mean over the batch is below the normal numbers of float16",
    "BCELoss * special 1.0 output": "log(1 - p) at p = 1 jumps from -100 by the least change of p",
    "BCELoss * not-finite 1.0 output": "as in the special regime: a probability is never inf or nan",
    "*Loss * not-finite 1.0 output": "a loss summed over the batch is not finite if one term is not",
    "Sequential * not-finite 1.0 d[0-9]*": "a sample that is not finite reaches every parameter",
}


def coordinates(cell: Cell, quantity: str) -> str:
    """Return a quantity of a cell in the words that the patterns of DEGENERATE match."""
    return " ".join((cell.page.module, cell.case.name, cell.dtype, cell.regime, str(cell.cotangent), quantity))


def is_degenerate(cell: Cell, quantity: str) -> bool:
    """Return whether zeros are all but right for this quantity of the cell."""
    return any(fnmatchcase(coordinates(cell, quantity), pattern) for pattern in DEGENERATE)


def of_values(page: Page, case: Case, device: str, seed: int) -> Iterator[Cell]:
    """Yield the cells that compare values: every case in float32 and float64; some in every regime, dtype and scale."""
    coordinates = dict.fromkeys((dtype, case.regime, 1.0) for dtype in ("float64", "float32"))
    if case.widely:
        coordinates |= dict.fromkeys(product(DTYPES, REGIMES, (1.0,)))
        coordinates |= dict.fromkeys(product(DTYPES, ("normal",), COTANGENTS))
    for dtype, regime, cotangent in coordinates:
        yield Cell(page, case, "values", device, dtype, regime, cotangent, seed)


def concerns(check: str, page: Page, case: Case) -> bool:
    """Return whether a check is put to a case: refusals to the first, sums to linear maps, kinks to kinks."""
    if check == "refuses":
        return case is page.cases[0]
    wanted = {"exact": page.multilinear, "kinks": page.kinks}
    return case.widely and wanted.get(check, True)


def cells(page: Page, checks: list[str], devices: list[str], seed: int) -> Iterator[Cell]:
    """Yield every cell of a page; checks other than values are put to its wide cases alone, in float32."""
    for device, case in product(devices, page.cases):
        if "values" in checks:
            yield from of_values(page, case, device, seed)
        for check in checks:
            if check != "values" and concerns(check, page, case):
                regime = "ties" if check == "kinks" else case.regime
                yield Cell(page, case, check, device, "float32", regime, 1.0, seed)
