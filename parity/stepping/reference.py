"""The reference: torch.optim, a step at a time; in float64, on the same rounded values, the truth."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.optimisers.page import OptimiserPage
from parity.settle import scalars_in
from parity.stepping.course import Course, StepCell, dealt, options_of
from parity.verdict.draw import Tensors
from parity.verdict.reference import placed

Options = list[dict[str, Any]]


class Trail(list[Tensors]):
    """What was there after each step: parameters by name, states as parameter.state."""

    def stacked(self) -> Tensors:
        """Return every quantity over all steps, those along the first axis."""
        return {name: torch.stack([after[name] for after in self]) for name in self[0]} if self else {}


def walk(
    cell: StepCell,
    course: Course,
    dtype: torch.dtype,
    device: str = "cpu",
    options: Options | None = None,
    exact_scalars: bool = True,
) -> Tensors:
    """Return what torch.optim makes of a course: every parameter and every state over all steps."""
    options = options_of(cell) if options is None else options
    parameters = {name: torch.nn.Parameter(placed(value, dtype, device)) for name, value in course.parameters.items()}
    with scalars_in(dtype if exact_scalars else torch.get_default_dtype()):
        optimiser = of_groups(cell.page, parameters, dealt(cell.case), options)
        found = Trail()
        for factor, gradients in zip(cell.case.rates, course.gradients, strict=True):
            for group, of_group in zip(optimiser.param_groups, options, strict=True):
                group["lr"] = of_group["lr"] * factor
            for name, parameter in parameters.items():
                parameter.grad = placed(gradients[name], dtype, device)
            optimiser.step()
            found.append(after_step(parameters, optimiser.state))
    return found.stacked()


def of_groups(
    page: OptimiserPage, parameters: Mapping[str, torch.nn.Parameter], names: list[list[str]], options: Options
) -> torch.optim.Optimizer:
    """Return torch's optimiser of parameters in groups, one tensor after the other: not several at once."""
    groups = [
        {"params": [parameters[name] for name in of_group], **own} for of_group, own in zip(names, options, strict=True)
    ]
    make: Callable[..., torch.optim.Optimizer] = page.reference
    return make(groups, **options[0], foreach=False)


def after_step(parameters: Mapping[str, Tensor], states: Mapping[Any, Mapping[str, Any]]) -> Tensors:
    """Return copies of parameters and states."""
    found = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    for name, parameter in parameters.items():
        for state, value in states[parameter].items():
            if isinstance(value, Tensor):
                found[f"{name}.{state}"] = value.detach().clone()
    return found
