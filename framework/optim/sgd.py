"""Stochastic gradient descent."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework.optim.descent import State, Tensors, descent
from framework.optim.group import Group, Options
from framework.optim.optimiser import Optimiser, flag, positive


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> None:
    directions = descent(values, grads, weight_decay, maximize)
    if momentum:
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = [direction.clone() for direction in directions]
        else:
            torch._foreach_mul_(state["momentum_buffer"], momentum)
            torch._foreach_add_(state["momentum_buffer"], directions, alpha=1 - dampening)
        velocities = state["momentum_buffer"]
        directions = torch._foreach_add(directions, velocities, alpha=momentum) if nesterov else velocities
    torch._foreach_add_(values, directions, alpha=-lr)


class SGD(Optimiser):
    """Step down the gradient, with momentum if wanted.

    State     momentum_buffer v, none without momentum
    Step      g = grad + weight_decay · value, of -grad if maximize
              v = momentum · v + (1 - dampening) · g, v = g at first
              value = value - lr · v; with nesterov, value - lr · (g + momentum · v)
    Source    Robbins & Monro 1951; momentum: Rumelhart, Hinton & Williams 1986, eq. 9, in torch.optim.SGD's form,
              where lr multiplies the velocity (Sutskever et al. 2013 put lr inside it, and derive Nesterov's form).
    Raises    ValueError if a number is negative or not finite, or for nesterov without momentum or with dampening.
    """

    counting: ClassVar = False
    states: ClassVar = ("momentum_buffer",)
    rules: ClassVar = {
        "lr": positive,
        "momentum": positive,
        "dampening": positive,
        "weight_decay": positive,
        "nesterov": flag,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def checked(self, options: Options) -> Options:
        taken = super().checked(options)
        if taken["nesterov"] and (not taken["momentum"] or taken["dampening"]):
            raise ValueError(
                f"{self.label()}: nesterov must come with momentum and without dampening, "
                f"had momentum {taken['momentum']} and dampening {taken['dampening']}"
            )
        return taken

    def update(self, group: Group) -> None:
        update(group.values, group.grads, group.state, **group.options)
