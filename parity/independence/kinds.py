"""Kinds of cells: what may decide which road a library takes, and a choice of cells in which every kind is met."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parity.catalogue.page import Case, Page
from parity.catalogue.pairing import second_order
from parity.catalogue.planning import told
from parity.catalogue.taken import by_torch
from parity.independence.overheard import Run
from parity.verdict.cell import Cell
from reports.text import one_line

Kind = tuple[str, str]  # e.g. dtype and float32
WORD_CHARACTERS = 40


@dataclass(frozen=True)
class Sample:
    """A cell that is run, as plain data for another process, and the check that is run in it.

    one_call  whether the check is one forward and one backward on the cell's own draw, which can be rehearsed
    twice     whether it asks for second derivatives
    """

    case: Case
    check: str
    device: str
    dtype: str
    regime: str
    cotangent: float
    seed: int
    run: Run
    one_call: bool
    twice: bool = False

    @classmethod
    def of(cls, cell: Cell, run: Run, one_call: bool) -> "Sample":
        return cls(
            case=cell.case,
            check=cell.check,
            device=cell.device,
            dtype=cell.dtype,
            regime=cell.regime,
            cotangent=cell.cotangent,
            seed=cell.seed,
            run=run,
            one_call=one_call and cell.page.pairs is None,
            twice=cell.page.pairs is not None,
        )

    def cell(self, page: Page) -> Cell:
        return Cell(
            second_order(page) if self.twice else page,
            self.case,
            check=self.check,
            device=self.device,
            dtype=self.dtype,
            regime=self.regime,
            cotangent=self.cotangent,
            seed=self.seed,
        )


def kinds(page: Page, sample: Sample) -> frozenset[Kind]:
    """Return the kinds of a sample: dtype, device, rank, regime, options, target, whether it is large or second."""
    case = sample.case
    options: Mapping[str, Any] = {**by_torch(page.reference), **case.options}
    found = {
        ("dtype", sample.dtype),
        ("device", sample.device),
        ("rank of x", str(len(case.x))),
        ("x drawn", sample.regime),
        ("dy times", f"{sample.cotangent:g}"),
        ("check", sample.check),
        *((name, one_line(told(value), WORD_CHARACTERS)) for name, value in options.items() if name not in PLACED),
    }
    if case.large:
        found.add(("size", "large"))
    if case.target:
        found.add(("target", case.target))
    if sample.twice:
        found.add(("derivative", "second"))
    return frozenset(found)


# Kinds that are listened to; no rehearsal is made for their sake.
HEARD_ALONE = ("x drawn", "dy times", "check", "derivative")
PLACED = ("device", "dtype")  # arguments of a module of torch that say where it lies


def cover(samples: Sequence[tuple[Sample, frozenset[Kind]]]) -> list[Sample]:
    """Return samples in which every kind is met, each the one that meets most kinds not met before; large ones last.

    Of those that meet as many, the one whose dtype was taken least is next.
    """
    wanted = set().union(*(found for _, found in samples)) if samples else set()
    left, chosen, taken = list(samples), list[Sample](), defaultdict[str, int](int)
    while wanted:
        best, met = max(left, key=lambda one: (len(one[1] & wanted), not one[0].case.large, -taken[one[0].dtype]))
        wanted -= met
        taken[best.dtype] += 1
        chosen.append(best)
        left.remove((best, met))
    return chosen


def roads(found: frozenset[Kind]) -> frozenset[Kind]:
    """Return the kinds for which a cell is rehearsed: what a library branches on before it looks at a number."""
    return frozenset(kind for kind in found if kind[0] not in HEARD_ALONE)


def in_words(found: Iterable[Kind]) -> str:
    """Return kinds as "dtype float32, float64; bias False, True"."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, value in sorted(set(found)):
        by_name[name].append(value)
    return "; ".join(f"{name} {', '.join(values)}" for name, values in by_name.items())
