"""The cells that a mutant is put to: those of the plan that a scale of the cotangent has, the most telling first."""

from collections.abc import Iterator
from functools import cache
from itertools import product

from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.verdict.cell import Cell
from parity.verdict.plan import concerns
from parity.verdict.regimes import REGIMES

DEAR = ("batches", "layouts")  # they weigh draws of their own each time, so they come last


@cache
def of_page(page: Page, scale: float, seed: int) -> tuple[Cell, ...]:
    """Return wide cases in the normal regime, then contract checks, other regimes and float64, the other cases."""
    values = tuple(value_cells(page, scale, seed))
    plain = [cell for cell in values if cell.case.widely and cell.regime == "normal" and cell.dtype == "float32"]
    others = [cell for cell in values if cell not in plain]
    return (*plain, *contract_cells(page, scale, seed), *others)


def value_cells(page: Page, scale: float, seed: int) -> Iterator[Cell]:
    """Yield value cells: wide cases in every regime and in float64, the other cases in float32."""
    for case in page.cases:
        if case.widely:
            drawn = [("float32", regime) for regime in REGIMES] + [("float64", "normal")]
        else:
            drawn = [("float32", case.regime)]
        for dtype, regime in drawn:
            yield Cell(page, case, "values", "cpu", dtype, regime, scale, seed)


def contract_cells(page: Page, scale: float, seed: int) -> Iterator[Cell]:
    """Yield the contract checks, a check at a time, of the cases that the plan puts them to."""
    checks = sorted((check for check in CHECKS if check != "values"), key=lambda check: check in DEAR)
    for check, case in product(checks, page.cases):
        if concerns(check, page, case):
            regime = "ties" if check == "kinks" else case.regime
            yield Cell(page, case, check, "cpu", "float32", regime, scale, seed)
