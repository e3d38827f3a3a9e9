"""The questions of a quick run, and which cells ask them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from parity.stepping.course import StepCell
from parity.verdict import limits
from parity.verdict.cell import Cell

PATH = Path(__file__).with_name("questions.json")
FIRST, WIDELY, CROSSED, OTHER = ("first", "drawn widely", "crossed", "other")  # cases of a page


class Question(NamedTuple):
    """What cells of all modules have in common."""

    of: str  # which cases
    check: str
    dtype: str
    regime: str


@dataclass(frozen=True)
class Telling:
    """How telling a question is: how many planted faults it noticed first, and how long asking it of all modules takes.

    seconds  of one core of the machine on which it was counted
    """

    question: Question
    faults: int
    cells: int
    seconds: float

    @property
    def rate(self) -> float:
        """Faults a second."""
        return self.faults / self.seconds


@dataclass(frozen=True)
class Ranking:
    """Every question that noticed a fault first, the most telling first, and what was planted."""

    planted: int
    modules: int
    told: Sequence[Telling]

    @property
    def asked(self) -> Sequence[Telling]:
        """Those that a quick run asks."""
        return [one for one in self.told if one.rate >= limits.QUICK_FAULTS_A_SECOND]

    @property
    def share(self) -> float:
        """The share of the planted faults that a quick run notices, at least: what is asked first may not be alone."""
        return sum(one.faults for one in self.asked) / self.planted


def question(cell: Cell | StepCell) -> Question:
    """Return the question that a cell asks."""
    case = cell.case
    if case.name == cell.page.cases[0].name:
        of = FIRST
    else:
        of = WIDELY if case.widely else CROSSED if getattr(case, "crossed", False) else OTHER
    return Question(of, cell.check, cell.dtype, cell.regime)


@cache
def counted() -> Ranking:
    """Return the counts that were last reviewed."""
    held = json.loads(PATH.read_text(encoding="utf-8"))
    told = [
        Telling(Question(*one["question"]), one["faults"], one["cells"], one["seconds"]) for one in held["questions"]
    ]
    return Ranking(held["planted"], held["modules"], told)


@cache
def asked() -> frozenset[Question]:
    return frozenset(one.question for one in counted().asked)


def is_asked(cell: Cell | StepCell) -> bool:
    """Return whether a quick run asks a cell."""
    return getattr(cell, "cotangent", 1.0) == 1.0 and question(cell) in asked()


def sentence() -> str:
    """Return what a quick run asks."""
    count = counted()
    return (
        f"of every module the {len(count.asked)} kinds of cells alone that noticed {count.share:.0%} of "
        f"{count.planted:,} planted faults first"
    )
