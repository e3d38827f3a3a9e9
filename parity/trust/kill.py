"""Kills: every mutant is tried on the cells of its module until one of them notices it."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from parity.contract import CHECKS
from parity.subjects.contract import Subject, Unsupported
from parity.trust import assert_close
from parity.trust.cells import of_page
from parity.trust.mutants import of_module
from parity.trust.mutants.survivors import SURVIVORS
from parity.trust.planted import Mutant, MutantSubject, host, hosted
from parity.verdict.cell import Cell
from parity.verdict.draw import Tensors
from parity.verdict.trial import Trial, evidence, records
from reports.record import Parity
from reports.trust import record

SCALES = (1e-4, 1.0, 1e3)
WRONG = ("fail", "error")


class Accusation(NamedTuple):
    """Where something is said to be wrong; cells are equal for every subject."""

    cell: Cell
    quantity: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.cell} {self.quantity}"


def observed(cell: Cell, subject: Subject) -> Tensors | None:
    """Return the quantities of a subject in a value cell; None where it ended in an error."""
    trial = Trial(cell, subject)
    try:
        return trial.observe(trial.build())
    except Exception:
        return None


def judged(cell: Cell, subject: Subject, got: Tensors | None) -> set[Accusation]:
    """Return what our verdict finds wrong in the values that were observed."""
    if got is None:
        return {Accusation(cell, "all", "error")}
    return wrong(cell, records(Trial(cell, subject).judge(got)))


def wrong(cell: Cell, records: Sequence[Parity]) -> set[Accusation]:
    return {Accusation(cell, one.quantity, one.verdict) for one in records if one.verdict in WRONG}


def closely(cell: Cell, got: Tensors | None) -> set[Accusation]:
    """Return what assert_close finds wrong in the values that were observed."""
    if got is None:
        return {Accusation(cell, "all", "error")}
    return {Accusation(cell, name, "fail") for name in assert_close.accused(got, evidence(cell).reference)}


def checked(cell: Cell, subject: Subject) -> set[Accusation]:
    """Return what a contract check finds wrong."""
    try:
        return wrong(cell, CHECKS[cell.check].records(Trial(cell, subject)))
    except Unsupported:
        return set()
    except Exception:
        return {Accusation(cell, "all", "error")}


@cache
def ours(cell: Cell) -> set[Accusation]:
    """Return what our verdict, or the contract check, finds wrong where no fault is planted."""
    honest = host(cell.page.module)
    one_call = CHECKS[cell.check].one_call
    return judged(cell, honest, observed(cell, honest)) if one_call else checked(cell, honest)


@cache
def theirs(cell: Cell) -> set[Accusation]:
    """Return what assert_close finds wrong where no fault is planted."""
    return closely(cell, observed(cell, host(cell.page.module)))


def first_new(accusations: set[Accusation], known: Callable[[Cell], set[Accusation]]) -> str:
    """Return the first accusation that the honest subject does not meet; empty if there is none."""
    return min((str(each) for each in accusations if each not in known(each.cell)), default="")


def tried(mutant: Mutant, scale: float, seed: int) -> record.MutantRecord:
    """Try a mutant on its module's cells until our verdict and assert_close have both noticed it, or none is left."""
    subject, by, by_close = MutantSubject(mutant), "", ""
    for cell in of_page(hosted()[mutant.module], scale, seed):
        if not CHECKS[cell.check].one_call:
            by = by or first_new(checked(cell, subject), ours)
        elif not (by and by_close):
            got = observed(cell, subject)
            by = by or first_new(judged(cell, subject, got), ours)
            by_close = by_close or first_new(closely(cell, got), theirs)
    reason = "" if by else SURVIVORS.get(mutant.id, "")
    return record.MutantRecord(
        id=mutant.id,
        module=mutant.module,
        quantity=mutant.quantity,
        cause=mutant.cause,
        scale=scale,
        killed=bool(by),
        by=by,
        killed_by_assert_close=bool(by_close),
        explanation=reason,
    )


def kills(module: str, scale: float, seed: int, stride: int = 1) -> Iterator[record.MutantRecord]:
    """Yield the record of every mutant of a module, or of every `stride`-th, beginning elsewhere in each module."""
    start = list(hosted()).index(module) % stride
    for mutant in of_module(module)[start::stride]:
        yield tried(mutant, scale, seed)
