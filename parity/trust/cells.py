"""The cells that a mutant meets: those of the plan, at one scale of the cotangent, the most telling first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TypeVar
from zlib import crc32

from parity.catalogue.page import Page
from parity.contract import CHECKS, checks_of
from parity.trust.planted import host
from parity.verdict.cell import Cell
from parity.verdict.plan import cells

AnyCell = TypeVar("AnyCell")


@cache
def of_page(page: Page, scale: float, seed: int) -> tuple[Cell, ...]:
    """Return plain cells first, then the checks of more than one call in the order of their cost, then the others."""
    asked = checks_of(host(page.module)).values()
    planned = [cell for cell in cells(page, asked, ["cpu"], seed) if cell.cotangent == 1 and tells(cell)]
    return tuple(replace(cell, cotangent=scale) for cell in sorted(planned, key=place))


def sampled(every: Iterable[AnyCell], module: str, stride: int) -> Iterator[AnyCell]:
    """Yield every `stride`-th cell, beginning elsewhere in each module."""
    return islice(every, crc32(module.encode()) % stride, None, stride)


def tells(cell: Cell) -> bool:
    """Return whether a cell may tell what others do not: of one call, float32 everywhere, float64 in the plain ones."""
    narrow = cell.dtype == "float32" or (cell.dtype == "float64" and cell.case.widely and cell.regime == "normal")
    return narrow or not CHECKS[cell.check].one_call


def place(cell: Cell) -> tuple[int, int]:
    if not CHECKS[cell.check].one_call:
        return 1, list(CHECKS).index(cell.check)
    return (0 if cell.case.widely and cell.regime == "normal" and cell.dtype == "float32" else 2), 0
