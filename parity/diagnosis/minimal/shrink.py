"""Shrink a failing cell to the smallest shapes and options that still fail."""

from contextlib import suppress
from dataclasses import replace

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from parity.catalogue.page import Case
from parity.diagnosis.minimal.acts import PLAIN, STOPPED, Act
from parity.diagnosis.minimal.space import numbers, smaller
from parity.subjects.process import Isolated
from parity.verdict.trial import Trial

STEPS = 300  # cases that are tried; most searches end by themselves before a fifth of them
STEPS_OF_CRASHES = 8  # the same where each that fails costs a process
SHARE = 0.5  # of a cell's time that a search may take from a subject so slow that it would need more for its steps
SEARCH = settings(
    max_examples=STEPS,
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Enough(BaseException):
    """No more cases are tried: the smallest found so far is the answer."""


def smallest(trial: Trial, quantity: str, act: Act = PLAIN) -> Trial:
    """Return the trial of the smallest case found in which an act shows the same kind of fault, or `trial` itself."""
    fault, best, steps = act.faults(renewed(trial)).get(quantity), trial, 0
    most = STEPS_OF_CRASHES if fault == STOPPED else STEPS

    def still_fails(case: Case) -> bool:
        nonlocal best, steps
        steps += 1
        if steps > most or exhausted(trial):
            raise Enough
        candidate = at(trial, case)
        failed = act.faults(renewed(candidate)).get(quantity) == fault
        if failed and size(candidate) < size(best):
            best = candidate
        return failed

    if fault is not None:
        with suppress(NoSuchExample, Enough):
            find(smaller(trial.cell.case), still_fails, settings=SEARCH)
    return best


def renewed(trial: Trial) -> Trial:
    """Return the trial; of a subject whose process was stopped, the next call starts another."""
    if isinstance(trial.subject, Isolated) and trial.subject.stopped:
        trial.subject.begin()
    return trial


def exhausted(trial: Trial) -> bool:
    """Return whether the subject's process has worked so long that a search would end it at the limit of a cell."""
    of = trial.subject
    return isinstance(of, Isolated) and of.spent_seconds > SHARE * of.limits.cell_seconds


def at(trial: Trial, case: Case) -> Trial:
    return Trial(replace(trial.cell, case=case), trial.subject)


def elements(trial: Trial) -> int:
    """Return how many numbers are drawn: of the inputs, of all parameters and of the cotangent."""
    drawn = trial.drawn
    every = (*drawn.inputs, *drawn.parameters.values(), *drawn.cotangents)
    return sum(value.numel() for value in every if value is not None)


def size(trial: Trial) -> tuple[int, int]:
    """Return what is to be made small: the elements, then the sum of all numbers of the options."""
    return elements(trial), sum(number for _, number in numbers(dict(trial.cell.case.options)))
