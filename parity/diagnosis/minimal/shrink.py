"""Shrink a failing cell to the smallest shapes and options that still fail."""

import time
from contextlib import suppress
from dataclasses import replace

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from parity.catalogue.page import Case
from parity.diagnosis.minimal.space import numbers, smaller
from parity.verdict.trial import Trial

SECONDS = 5.0  # after which nothing smaller is looked for
SEARCH = settings(
    max_examples=300,
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def fails(trial: Trial, quantity: str) -> bool:
    """Return whether the quantity fails in a trial that torch.nn accepts; what the subject refuses is no failure."""
    try:
        evidence = trial.evidence
        got = trial.observe(trial.build())
    except Exception:
        return False
    judged = trial.judge({name: got[name] for name in evidence.truth if name in got})
    return any(one.fails and one.record.quantity == quantity and one.record.elements for one in judged)


class Enough(BaseException):
    """The time is up: the smallest case found so far is the answer."""


def smallest(trial: Trial, quantity: str) -> Trial:
    """Return the trial of the smallest case found in which the quantity fails as in `trial`, or `trial` itself."""
    until, best = time.monotonic() + SECONDS, trial

    def still_fails(case: Case) -> bool:
        nonlocal best
        if time.monotonic() > until:
            raise Enough
        candidate = at(trial, case)
        failed = fails(candidate, quantity)
        if failed and size(candidate) < size(best):
            best = candidate
        return failed

    with suppress(NoSuchExample, Enough):
        find(smaller(trial.cell.case), still_fails, settings=SEARCH)
    return best


def at(trial: Trial, case: Case) -> Trial:
    return Trial(replace(trial.cell, case=case), trial.subject)


def elements(trial: Trial) -> int:
    """Return how many numbers are drawn: of the inputs, of all parameters and of the cotangent."""
    drawn = trial.drawn
    cotangent = () if drawn.dy is None else (drawn.dy,)
    return sum(value.numel() for value in (*drawn.inputs, *drawn.parameters.values(), *cotangent))


def size(trial: Trial) -> tuple[int, int]:
    """Return what is to be made small: the elements, then the sum of all numbers of the options."""
    return elements(trial), sum(number for _, number in numbers(dict(trial.cell.case.options)))
