"""Adadelta."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework import arguments
from framework.optim.descent import State, Tensors, average_of_squares, descent, kept
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser, flag, positive


def root_mean_square(squares: Tensors, eps: float) -> Tensors:
    """Return sqrt(square + eps)."""
    roots = torch._foreach_add(squares, eps)
    torch._foreach_sqrt_(roots)
    return roots


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    directions = descent(values, grads, weight_decay, maximize)
    squares = average_of_squares(kept(state, "square_avg", values), directions, rho)
    steps = root_mean_square(kept(state, "acc_delta", values), eps)
    torch._foreach_div_(steps, root_mean_square(squares, eps))
    torch._foreach_mul_(steps, directions)
    average_of_squares(state["acc_delta"], steps, rho)
    torch._foreach_add_(values, steps, alpha=-lr)


def up_to_one(asker: str, argument: str, value: object) -> float:
    """Return `value` as a float in [0, 1]; raise TypeError or ValueError otherwise."""
    number = arguments.number(asker, argument, value, 0.0)
    if number > 1:
        raise ValueError(f"{asker}: {argument} must be at most 1, was {value}")
    return number


class Adadelta(Optimiser):
    """Step by the gradient, scaled so that steps and gradients keep the ratio of their root mean squares.

    State     square_avg v, of gradients, and acc_delta u, of steps, 0 at first
    Step      g = grad + weight_decay · value, of -grad if maximize
              v = ρ · v + (1 - ρ) · g²;  δ = sqrt(u + eps) / sqrt(v + eps) · g;  u = ρ · u + (1 - ρ) · δ²
              value = value - lr · δ
    Source    Zeiler 2012, arXiv:1212.5701, algorithm 1; torch.optim.Adadelta, which has lr too.
    Raises    ValueError if a number is negative or not finite, or rho is above 1.
    """

    counting: ClassVar = False
    states: ClassVar = ("square_avg", "acc_delta")
    rules: ClassVar = {"lr": positive, "rho": up_to_one, "eps": positive, "weight_decay": positive, "maximize": flag}

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, group: Group) -> None:
        update(group.values, group.grads, group.state, **group.options)
