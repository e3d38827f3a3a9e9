"""What the wrong parameters of an optimiser look like."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, starmap
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.model import NEAR
from parity.diagnosis.edited.pairs import TWO
from parity.diagnosis.steps.causes import Cause, causes
from parity.diagnosis.steps.rules import RULES, WrongStep, walked
from parity.diagnosis.symptom import SLACK, UNEXPLAINED
from parity.stepping import StepTrial
from parity.stepping.course import dealt, options_of
from parity.verdict import arithmetic, limits
from reports.record import Parity

MOST = 2  # explanations in one line


def explain(trial: StepTrial, records: Sequence[Parity]) -> list[Parity]:
    """Return the records, those of wrong parameters with what they look like: that takes a run of the subject."""
    wrong = [record for record in records if record.verdict == "fail" and record.quantity in parameters(trial)]
    if not wrong or trial.cell.check != "values" or trial.cell.page.module not in RULES:
        return list(records)
    try:
        got = trial.walk().parameters.stacked()
    except Exception:  # the subject's own, in a further run; the verdict on the first stands
        return list(records)
    return [told(trial, record, got[record.quantity]) if record in wrong else record for record in records]


def parameters(trial: StepTrial) -> Sequence[str]:
    return list(trial.evidence.course.parameters)


def told(trial: StepTrial, record: Parity, got: Tensor) -> Parity:
    """Return a record with what fits it."""
    fits = list(fitting(trial, record.quantity, got.detach().cpu().double()))
    line = " or ".join(words for _, words, _ in fits[:MOST])
    return replace(record, diagnosis=line, fits=tuple(f"{kind}: {words}" for kind, words, _ in fits))


def fitting(trial: StepTrial, name: str, got: Tensor) -> Iterator[Cause]:
    """Yield the causes that give what came, where the rule that is written out gives the truth."""
    cell, at = trial.cell, trial.evidence
    truth, module = at.truth[name], cell.page.module
    (own,) = (given for names, given in zip(dealt(cell.case), options_of(cell), strict=True) if name in names)
    taken = inspect.signature(cell.page.reference).parameters
    defaults = {key: entry.default for key, entry in taken.items() if entry.default is not entry.empty}
    options: dict[str, Any] = {"decoupled_weight_decay": module == "AdamW", **defaults, **own}

    def after(wrong: WrongStep) -> Tensor:
        gradients = [of_step[name] for of_step in at.course.gradients]
        return walked(RULES[module], at.course.parameters[name], gradients, cell.case.rates, options, wrong)

    if got.shape != truth.shape or not torch.allclose(after(WrongStep()), truth, rtol=NEAR, atol=NEAR):
        return
    error = (got - truth).abs()
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    names = parameters(trial)

    def fits(cause: Cause) -> bool:
        predicted = after(cause[2])
        allowed = SLACK * limits.LIMIT * u * (at.gauges[name].size + predicted.abs())
        rest = (got - predicted).abs()
        return bool((rest <= torch.maximum(allowed, UNEXPLAINED * error)).all()) and not bool((rest > error / 2).all())

    every = list(causes(module, options, defaults, (len(names), names.index(name))))
    alone = [cause for cause in every if fits(cause)]
    yield from alone
    if not alone:
        start = at.course.parameters[name].double()
        longer = (got[0] - start) / (truth[0] - start)
        yield from filter(fits, as_long(float(longer.flatten().median()), options["lr"]))
        yield from filter(fits, starmap(both, combinations(every, 2)))


def as_long(longer: float, rate: float) -> Iterator[Cause]:
    """Yield that every step is so many times as long."""
    if isfinite(longer):
        yield "factor", f"the step is {longer:.4g} times as long as it should be", WrongStep({"lr": longer * rate})


def both(one: Cause, other: Cause) -> Cause:
    return one[0], f"{TWO}{one[1]}; and {other[1]}", one[2].beside_another(other[2])
