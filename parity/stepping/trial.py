"""A cell of an optimiser asked of one subject: build, step, judge."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor

from parity.stepping.course import Course, StepCell, dealt, draw, options_of
from parity.stepping.reference import Trail, walk
from parity.stepping.size import gauges
from parity.subjects.contract import LiveOptimiser, Optimises, Subject, Unsupported
from parity.verdict import arithmetic
from parity.verdict.compare import Comparison, compare
from parity.verdict.draw import Tensors
from parity.verdict.gauge import Gauge
from parity.verdict.reading import poison, same_bits
from parity.verdict.reference import placed
from reports.record import Parity
from reports.text import one_line

Between = Callable[[LiveOptimiser], LiveOptimiser]  # from one step to the next: what goes on with


@dataclass(frozen=True)
class WalkEvidence:
    """What a subject's walk is compared with; the same for every subject."""

    course: Course
    reference: Tensors
    truth: Tensors
    gauges: Mapping[str, Gauge]


@lru_cache(maxsize=128)
def evidence(cell: StepCell) -> WalkEvidence:
    """Return course, reference, truth and gauge of a cell."""
    course = draw(cell)
    reference = walk(cell, course, cell.torch_dtype, cell.device, exact_scalars=False)
    truth = walk(cell, course, torch.float64)
    return WalkEvidence(course, reference, truth, gauges(cell, course, truth))


@dataclass
class Walked:
    """What a subject left after each step: parameters, the states it shows, and which gradients it wrote to."""

    parameters: Trail = field(default_factory=Trail)
    states: Trail = field(default_factory=Trail)
    written: dict[str, int] = field(default_factory=dict)  # parameter -> the first step that changed its gradient


@dataclass(frozen=True)
class StepTrial:
    """A cell of an optimiser and the subject that it is asked of."""

    cell: StepCell
    subject: Subject

    @cached_property
    def evidence(self) -> WalkEvidence:
        return evidence(replace(self.cell, check=""))

    def walk(self, states: bool = False, between: Between = lambda stepper: stepper) -> Walked:
        """Step through the course on live pairs, in poisoned memory; an exception of the subject passes through.

        between  what becomes of the optimiser in the middle
        """
        cell, course = self.cell, draw(self.cell)
        values = {name: placed(v, cell.torch_dtype, cell.device) for name, v in course.parameters.items()}
        grads = {name: torch.zeros_like(value) for name, value in values.items()}
        stepper, walk = self.built(values, grads), Walked()
        for number, (factor, gradients) in enumerate(zip(cell.case.rates, course.gradients, strict=True)):
            middle = number == len(cell.case.rates) // 2
            if middle:
                stepper = between(stepper)
            before = 1.0 if middle else cell.case.rates[max(0, number - 1)]  # a saved state need not hold the rate
            if factor != before:
                stepper.rates([float(own["lr"]) * factor for own in options_of(cell)])  # type: ignore[arg-type]
            for name, grad in grads.items():
                grad.copy_(gradients[name])
            poison(values.values())
            stepper.step()
            walk.parameters.append({name: value.clone() for name, value in values.items()})
            if states:
                walk.states.append(named(stepper.states(), list(values)))
            for name, grad in grads.items():
                if not same_bits(grad, gradients[name]):
                    walk.written.setdefault(name, number + 1)
                grad.zero_()
        return walk

    def built(self, values: Tensors, grads: Tensors) -> LiveOptimiser:
        """Return the subject's optimiser of live pairs; raise Unsupported where it has none."""
        if not isinstance(self.subject, Optimises):
            raise Unsupported(f"{self.subject.name} shows no optimiser")
        groups = [
            ([(values[name], grads[name]) for name in names], own)
            for names, own in zip(dealt(self.cell.case), options_of(self.cell), strict=True)
        ]
        return self.subject.optimiser(self.cell.page.module, groups)

    def judge(self, quantity: str, got: Iterable[object]) -> Parity:
        """Compare a quantity over all steps; where it is wrong, say from which step on."""
        at, got = self.evidence, list(got)
        wrong = next(
            (
                (step, found)
                for step, value in enumerate(got)
                if (found := self.compared(value, *(part[step] for part in self.parts(quantity)))).verdict == "fail"
            ),
            None,
        )
        tensors = [value for value in got if isinstance(value, Tensor)]
        alike = len({(value.shape, value.dtype, value.device) for value in tensors}) == 1
        if len(tensors) < len(got) or not alike:
            step, found = wrong or (0, Comparison("fail", "its shape or dtype differs from step to step"))
            return self.record(quantity, replace(found, detail=first_wrong(step, found)))
        whole = self.compared(torch.stack(tensors), at.reference[quantity], at.truth[quantity], *self.size(quantity))
        if wrong:
            return self.record(quantity, replace(whole, verdict="fail", detail=first_wrong(*wrong)))
        return self.record(quantity, whole)

    def size(self, quantity: str) -> tuple[Tensor]:
        return (self.evidence.gauges[quantity].size,)

    def parts(self, quantity: str) -> Iterator[Tensor]:
        yield self.evidence.reference[quantity]
        yield self.evidence.truth[quantity]
        yield from self.size(quantity)

    def compared(self, value: object, reference: Tensor, truth: Tensor, size: Tensor) -> Comparison:
        # a scalar state is kept in float32 whatever the parameters are
        u = max(arithmetic.of(dtype, self.cell.device).storage for dtype in (self.cell.torch_dtype, reference.dtype))
        return compare(value, reference, truth, Gauge(size), u)

    def still(self) -> Tensors:
        """Return what an optimiser that does nothing leaves: the parameters as they were, after every step."""
        at, count = self.evidence, len(self.cell.case.rates)
        stood = {name: torch.stack([value] * count) for name, value in at.course.parameters.items()}
        return {name: value.to(self.cell.device) for name, value in stood.items()}

    def record(self, quantity: str, comparison: Comparison) -> Parity:
        """Return a comparison as a record of this cell."""
        cell = self.cell
        options: dict[str, Any] = {**cell.page.plain, **cell.case.options}
        groups = {"groups": one_line(str(list(cell.case.groups)), 60)} if len(cell.case.groups) > 1 else {}
        return Parity(
            subject=self.subject.name,
            module=cell.page.module,
            case=cell.case.name,
            check=cell.check,
            quantity=quantity,
            device=cell.device,
            dtype=cell.dtype,
            regime=cell.regime,
            cotangent=1.0,
            seed=cell.seed,
            options={name: one_line(str(value), 60) for name, value in options.items()} | groups,
            **vars(comparison),
        )


def first_wrong(step: int, found: Comparison) -> str:
    """Return what is wrong after the first step, counted from 0, after which something is."""
    return f"after step {step + 1}: {found.detail.replace('torch.nn', 'torch.optim')}"


def named(states: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Tensors:
    """Return copies of the states that a subject shows, one mapping a parameter, as parameter.state."""
    if len(states) != len(names):
        raise ValueError(f"the states must be one mapping a parameter, {len(names)} of them, were {len(states)}")
    return {
        f"{name}.{state}": value.detach().clone() if isinstance(value, Tensor) else value
        for name, own in zip(names, states, strict=True)
        for state, value in own.items()
    }
