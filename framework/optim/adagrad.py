"""Adagrad."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework.optim.descent import State, Tensors, descent, kept, root
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser, flag, positive


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    step: float,
    *,
    lr: float,
    lr_decay: float,
    weight_decay: float,
    initial_accumulator_value: float,
    eps: float,
    maximize: bool,
) -> None:
    directions = descent(values, grads, weight_decay, maximize)
    sums = kept(state, "sum", values, initial_accumulator_value)
    torch._foreach_addcmul_(sums, directions, directions, 1)
    torch._foreach_addcdiv_(values, directions, root(sums, eps), -lr / (1 + (step - 1) * lr_decay))


class Adagrad(Optimiser):
    """Step by the gradient over the root of the sum of all its squares so far.

    State     sum s, initial_accumulator_value at first
    Step t    g = grad + weight_decay · value, of -grad if maximize
              s = s + g²;  value = value - lr / (1 + (t - 1) · lr_decay) · g / (sqrt(s) + eps)
    Source    Duchi, Hazan & Singer 2011, "Adaptive subgradient methods", the diagonal case; torch.optim.Adagrad.
    Raises    ValueError if a number is negative or not finite.
    """

    states: ClassVar = ("sum",)
    rules: ClassVar = {
        "lr": positive,
        "lr_decay": positive,
        "weight_decay": positive,
        "initial_accumulator_value": positive,
        "eps": positive,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
        )

    def update(self, group: Group) -> None:
        update(group.values, group.grads, group.state, group.numbers["step"], **group.options)
