"""The questions that are asked of an optimiser, and the cells that they make."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from torch import Tensor

from parity.catalogue.optimisers.page import OptimiserCase, OptimiserPage
from parity.stepping.course import REGIMES, StepCell
from parity.stepping.trial import StepTrial
from parity.subjects.contract import Unsupported
from parity.verdict.compare import Comparison
from reports.record import BEHAVIOUR, NUMBERS, Parity

AGREES = ("pass", "same-route")
Drawn = tuple[str, str]  # dtype, regime


@dataclass(frozen=True)
class StepCheck:
    """One question: its name, what answers it, the aspect that is wrong where it fails, and how it is drawn of a case:
    in which dtypes and regimes."""

    name: str
    run: Callable[[StepTrial], Iterable[Parity]]
    aspect: str
    draws: Callable[[OptimiserPage, OptimiserCase], Iterable[Drawn]]


def values(trial: StepTrial) -> Iterator[Parity]:
    """Compare every parameter after every step. A case where standing still would pass is at fault."""
    walk, still = trial.walk().parameters.stacked(), trial.still()
    for name, got in walk.items():
        found = trial.judge(name, got)
        if found.verdict in AGREES and trial.judge(name, still[name]).verdict != "fail":
            found = replace(found, verdict="error", detail="the case proves nothing: standing still would pass")
        yield found


def states(trial: StepTrial) -> Iterator[Parity]:
    """Compare every state of every parameter after every step, of those that the subject shows by torch's names."""
    shown = trial.walk(states=True).states
    known = [name for name in trial.evidence.truth if all(name in after for after in shown)]
    wanted = [name for name in trial.evidence.truth if name not in trial.evidence.course.parameters]
    if wanted and not known:
        raise Unsupported("the subject shows no state by torch's names")
    if not wanted:
        yield trial.record("all", Comparison("pass", "torch keeps no state"))
    numbers = of_one_number(trial)
    for name in known:
        dtype = trial.evidence.reference[name].dtype
        counted = name.partition(".")[2] in numbers and all(isinstance(after[name], Tensor) for after in shown)
        yield trial.judge(name, [after[name].to(dtype) if counted else after[name] for after in shown])


def of_one_number(trial: StepTrial) -> set[str]:
    """Return the states that are one number of a parameter, as a count of steps is: in which dtype is a convention."""
    at = trial.evidence
    parts = (name.partition(".") for name, value in at.truth.items() if value.dim() == 1)
    return {state for name, _, state in parts if at.course.parameters[name].dim()}


def resumes(trial: StepTrial) -> Iterator[Parity]:
    """Save the state in the middle, load it into a new optimiser, go on with that: the parameters are the same."""
    walk = trial.walk(between=lambda stepper: stepper.resumed()).parameters.stacked()
    for name, got in walk.items():
        yield trial.judge(name, got)


def gradients(trial: StepTrial) -> Iterator[Parity]:
    """A step leaves the gradients as they were given."""
    walk = trial.walk()
    for name in trial.evidence.course.parameters:
        step = walk.written.get(name)
        elements = trial.evidence.truth[name].numel()
        said = f"step {step} wrote to the gradient"
        yield trial.record(
            f"d{name}", Comparison("fail" if step else "pass", said if step else "", 0 if step else elements)
        )


def everywhere(page: OptimiserPage, case: OptimiserCase) -> Iterable[Drawn]:
    """Return the draws of the values: all of them where a case is drawn widely, few elsewhere."""
    if case.large:
        return [("float32", "normal")]
    return product(page.dtypes, REGIMES) if case.widely else product(("float64", "float32"), ("normal",))


def in_one_dtype(_: OptimiserPage, case: OptimiserCase) -> Iterable[Drawn]:
    return [] if case.large else [("float32", "normal")]


def in_two_dtypes(_: OptimiserPage, case: OptimiserCase) -> Iterable[Drawn]:
    return product(("float64", "float32"), ("normal", "zeros")) if case.widely else [("float32", "normal")]


CHECKS = {
    check.name: check
    for check in (
        StepCheck("values", values, NUMBERS, everywhere),
        StepCheck("states", states, NUMBERS, lambda page, case: [] if case.large else in_two_dtypes(page, case)),
        StepCheck("resumes", resumes, BEHAVIOUR, in_one_dtype),
        StepCheck("leaves-gradients", gradients, BEHAVIOUR, in_one_dtype),
    )
}


def cells(page: OptimiserPage, checks: Iterable[str], devices: Sequence[str], seed: int) -> Iterator[StepCell]:
    """Yield every cell of a page."""
    for device, case, check in product(devices, page.cases, checks):
        if check in CHECKS:
            for dtype, regime in CHECKS[check].draws(page, case):
                yield StepCell(page, case, check, device, dtype, regime, seed)
