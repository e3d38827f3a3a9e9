"""RMSprop."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework.optim.descent import State, Tensors, average, average_of_squares, descent, kept, root
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser, flag, positive


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    *,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
    centered: bool,
    maximize: bool,
) -> None:
    directions = descent(values, grads, weight_decay, maximize)
    squares: Tensors = average_of_squares(kept(state, "square_avg", values), directions, alpha)
    if centered:
        means = average(kept(state, "grad_avg", values), directions, alpha)
        squares = torch._foreach_addcmul(squares, means, means, -1)
    scales = root(squares, eps)
    if momentum:
        velocities = kept(state, "momentum_buffer", values)
        torch._foreach_mul_(velocities, momentum)
        torch._foreach_addcdiv_(velocities, directions, scales, 1)
        torch._foreach_add_(values, velocities, alpha=-lr)
    else:
        torch._foreach_addcdiv_(values, directions, scales, -lr)


class RMSprop(Optimiser):
    """Step by the gradient over the root of the mean of its squares, or over its standard deviation.

    State     square_avg v, 0 at first; with centered grad_avg m, with momentum momentum_buffer b, 0 at first
    Step      g = grad + weight_decay · value, of -grad if maximize
              v = α · v + (1 - α) · g²;  centered, m = α · m + (1 - α) · g and v - m² takes the place of v below
              b = momentum · b + g / (sqrt(v) + eps);  value = value - lr · b
    Source    Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, arXiv:1308.0850, eq. 38-45, without its eps
              under the root: torch.optim.RMSprop.
    Raises    ValueError if a number is negative or not finite.
    """

    counting: ClassVar = False
    states: ClassVar = ("square_avg", "grad_avg", "momentum_buffer")
    rules: ClassVar = {
        "lr": positive,
        "alpha": positive,
        "eps": positive,
        "weight_decay": positive,
        "momentum": positive,
        "centered": flag,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def update(self, group: Group) -> None:
        update(group.values, group.grads, group.state, **group.options)
