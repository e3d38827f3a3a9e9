"""The gauge of a walk: for each element, after each step, the size that an honest rounding error may have.

It is measured as that of modules (parity/verdict/gauge.py): |truth|, its response to perturbed parameters, gradients
and options, and that to perturbed operations of torch.optim.
"""

from collections import defaultdict
from dataclasses import replace
from math import prod
from typing import Any

import torch
from torch import Tensor

from parity.stepping.course import Course, StepCell, dealt, options_of
from parity.stepping.reference import Options, walk
from parity.verdict import arithmetic, limits
from parity.verdict.draw import Tensors, signs
from parity.verdict.gauge import Gauge, at_kinks, departures, joined_runs, parted
from parity.verdict.gauge import joined as joined_together
from parity.verdict.perturbed.operations import MonteCarloArithmetic
from parity.verdict.perturbed.program import stacked

COARSEST = limits.STORAGE[torch.float32]  # that an option is kept in: no library has its rates in fewer bits


class SteadyAtZero(MonteCarloArithmetic):
    """Perturbs as its base does, but leaves a zero a zero: averages of zeros are zeros, and have a root."""

    def perturbed(self, out: Tensor, size: Tensor | None = None) -> Tensor:
        return torch.where(out == 0, out, super().perturbed(out, size))


def shaken_options(options: dict[str, Any], step: float, generator: torch.Generator) -> dict[str, Any]:
    """Return options in which every number is off by its rounding."""

    def shaken(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(shaken, value))
        return value if isinstance(value, bool) else value * (1 + step * float(signs(torch.ones(()), generator)))

    return {name: shaken(value) for name, value in options.items()}


class Joined:
    """A cell whose parameters are joined to one a group: an update is elementwise, and one tensor is quicker."""

    def __init__(self, cell: StepCell, course: Course) -> None:
        self.shapes, self.groups = cell.case.shapes, dealt(cell.case)
        shapes = {str(number): () for number in range(len(self.groups))}  # of names alone
        self.cell = replace(cell, case=replace(cell.case, shapes=shapes))
        exact = course.mapped(torch.Tensor.double)
        self.course = Course(self.joined(exact.parameters), tuple(map(self.joined, exact.gradients)))

    def joined(self, tensors: Tensors) -> Tensors:
        return {
            str(number): torch.cat([tensors[name].flatten() for name in names])
            for number, names in enumerate(self.groups)
        }

    def walk(self, course: Course, options: Options | None = None) -> Tensors:
        """Return what torch.optim makes of a joined course, parted; before its last axis there may be others."""
        found: Tensors = {}
        for key, value in walk(self.cell, course, torch.float64, options=options).items():
            number, dot, state = key.partition(".")
            names = self.groups[int(number)]
            if value.dim() == 1:  # a count of steps, or another number that all share
                found |= {name + dot + state: value for name in names}
                continue
            parts = torch.split(value, [prod(self.shapes[name]) for name in names], -1)
            for name, part in zip(names, parts, strict=True):
                found[name + dot + state] = part.reshape(*value.shape[:-1], *self.shapes[name])
        return found


def gauges(cell: StepCell, course: Course, truth: Tensors) -> dict[str, Gauge]:
    """Return the gauge of every quantity of a walk."""
    asked = arithmetic.of(cell.torch_dtype, cell.device)
    generator, joined = torch.Generator().manual_seed(0), Joined(cell, course)
    of_options = min(1.0, COARSEST / asked.storage)

    def of_inputs(step: float) -> Tensors:
        moved = joined.course.mapped(lambda value: value * (1 + step * signs(value, generator)))
        return joined.walk(moved, [shaken_options(own, step * of_options, generator) for own in options_of(cell)])

    least = max(asked.storage, limits.LEAST_STEP)
    strides = [least * limits.STRIDES[run % len(limits.STRIDES)] for run in range(limits.RESPONSES)]
    waiting: defaultdict[float, list[Tensors]] = defaultdict(list)

    def of_operations(step: float) -> Tensors:
        if not waiting[step]:  # the runs of one step are made as one
            together = strides.count(step)
            stacked = joined.course.mapped(lambda value: torch.stack([value] * together))
            with SteadyAtZero(asked, generator, step):
                got = joined.walk(stacked)
            waiting[step] = [unstacked(got, truth, run) for run in range(together)]
        return waiting[step].pop()

    least_steps, exactly = [limits.LEAST_STEP] * limits.RESPONSES, joined_together(truth)
    by_inputs, _ = departures(exactly, joined_runs(stacked(list(map(of_inputs, least_steps))), truth), least_steps)
    shaken_operations = stacked(list(map(of_operations, strides)))
    by_operations, furthest = departures(exactly, joined_runs(shaken_operations, truth), strides)
    size = at_kinks(exactly.abs() + by_inputs + by_operations, furthest, max(strides), asked) + asked.underflow
    return {name: Gauge(part) for name, part in parted(size, truth).items()}


def unstacked(got: Tensors, truth: Tensors, run: int) -> Tensors:
    """Return one of the runs that were made as one; what all parameters share has no runs of its own."""
    return {name: value if value.shape == truth[name].shape else value[:, run] for name, value in got.items()}
