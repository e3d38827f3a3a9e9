"""The plan: which cells are run. What is left out is left out by the fields of a page, a case or a check."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import product

from parity.catalogue.page import Page
from parity.verdict.cell import Cell
from parity.verdict.check import Check


def coordinates(cell: Cell, quantity: str) -> str:
    """Return a quantity of a cell as the string that the patterns of a page's `degenerate` match."""
    return " ".join((cell.case.name, cell.dtype, cell.regime, str(cell.cotangent), quantity))


def why_degenerate(cell: Cell, quantity: str) -> str:
    """Return why zeros are nearly right for this quantity of the cell, as its page says; empty if they are not."""
    where = coordinates(cell, quantity)
    return next((why for pattern, why in cell.page.degenerate.items() if fnmatchcase(where, pattern)), "")


def cells(page: Page, checks: Iterable[Check], devices: Iterable[str], seed: int) -> Iterator[Cell]:
    """Yield every cell of a page: the cases that a check concerns, in the dtypes, regimes and scales that it draws."""
    for device, case, check in product(devices, page.cases, checks):
        if check.concerns(page, case) and not (check.repeats and page.draws(case)):
            for dtype, regime, cotangent in check.draws(case):
                yield Cell(
                    page=check.derived(page),
                    case=case,
                    check=check.name,
                    device=device,
                    dtype=dtype,
                    regime=regime,
                    cotangent=cotangent,
                    seed=seed,
                )
