"""Adam."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework.optim.descent import State, Tensors, average, average_of_squares, descent, kept, root
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser, flag, positive, shares


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    step: float,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    amsgrad: bool,
    maximize: bool,
    decoupled_weight_decay: bool,
) -> None:
    if decoupled_weight_decay:
        torch._foreach_mul_(values, 1 - lr * weight_decay)
        weight_decay = 0.0
    directions = descent(values, grads, weight_decay, maximize)
    means = average(kept(state, "exp_avg", values), directions, betas[0])
    squares = average_of_squares(kept(state, "exp_avg_sq", values), directions, betas[1])
    if amsgrad:
        largest = kept(state, "max_exp_avg_sq", values)
        torch._foreach_maximum_(largest, squares)
        squares = largest
    scales = root(squares, eps, (1 - betas[1] ** step) ** 0.5)
    torch._foreach_addcdiv_(values, means, scales, -lr / (1 - betas[0] ** step))


class Adam(Optimiser):
    """Step by the mean of the gradients over the root of the mean of their squares, both corrected for their start.

    State     exp_avg m, exp_avg_sq v, 0 at first; with amsgrad max_exp_avg_sq, the largest v so far
    Step t    g = grad + weight_decay · value, of -grad if maximize; decoupled, value = (1 - lr · weight_decay) · value
              and g = grad, before all else
              m = β₁ · m + (1 - β₁) · g;  v = β₂ · v + (1 - β₂) · g²
              value = value - lr · m / (1 - β₁ᵗ) / (sqrt(v / (1 - β₂ᵗ)) + eps), of the largest v with amsgrad
    Source    Kingma & Ba 2015, arXiv:1412.6980, algorithm 1; amsgrad: Reddi, Kale & Kumar 2018, algorithm 2, in the
              form of torch.optim.Adam, where the correction comes after the maximum.
    Raises    ValueError if a number is negative or not finite, or one of betas is not below 1.
    """

    states: ClassVar = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    rules: ClassVar = {
        "lr": positive,
        "betas": shares,
        "eps": positive,
        "weight_decay": positive,
        "amsgrad": flag,
        "maximize": flag,
        "decoupled_weight_decay": flag,
    }

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, group: Group) -> None:
        update(group.values, group.grads, group.state, group.numbers["step"], **group.options)
