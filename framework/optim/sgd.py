"""Stochastic gradient descent."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from framework import arguments


def paired(asker: str, parameters: object) -> list[tuple[Tensor, Tensor]]:
    """Return the pairs (value, grad) in a list; raise TypeError or ValueError if they are none."""
    if isinstance(parameters, Tensor) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{asker}: parameters must be pairs (value, grad), such as those of param(), "
            f"was {type(parameters).__name__}"
        )
    pairs = list(parameters)
    for position, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"{asker}: parameter {position} must be a pair (value, grad), was {type(pair).__name__}")
        value = arguments.floating(asker, f"value {position}", pair[0])
        arguments.shaped(asker, f"grad {position}", arguments.floating(asker, f"grad {position}", pair[1]), value.shape)
    return pairs


class SGD(arguments.Labelled):
    """Step down the gradient, with momentum if wanted.

    Step      v = momentum · v + grad, v = grad at first;  value = value - lr · v
    Source    Robbins & Monro 1951; momentum: Rumelhart, Hinton & Williams 1986, eq. 9, in torch.optim.SGD's form,
              where lr multiplies the velocity (Sutskever et al. 2013 put lr inside it).
    Raises    TypeError unless parameters are pairs (value, grad) of tensors; ValueError for none, or if lr or momentum
              is negative or not finite.
    """

    def __init__(self, parameters: Iterable[tuple[Tensor, Tensor]], lr: float, momentum: float = 0.0) -> None:
        pairs = paired(self.label(), parameters)
        if not pairs:
            raise ValueError(f"{self.label()}: parameters must hold at least one (value, grad), held none")
        self.values: list[Tensor] = [value for value, _ in pairs]
        self.grads: list[Tensor] = [grad for _, grad in pairs]
        self.lr = arguments.number(self.label(), "lr", lr, 0.0)
        self.momentum = arguments.number(self.label(), "momentum", momentum, 0.0)
        self._velocities: list[Tensor] = []

    def step(self) -> None:
        """Update every value in place from its gradient."""
        torch._foreach_add_(self.values, self._directions(), alpha=-self.lr)

    def _directions(self) -> list[Tensor]:
        if self.momentum == 0:
            return self.grads
        if not self._velocities:
            self._velocities = [grad.clone() for grad in self.grads]
        else:
            # .to(grad) follows a model that was moved or cast since; it returns the velocity itself otherwise
            self._velocities = [v.to(grad) for v, grad in zip(self._velocities, self.grads, strict=True)]
            torch._foreach_mul_(self._velocities, self.momentum)
            torch._foreach_add_(self._velocities, self.grads)
        return self._velocities

    def state_dict(self) -> dict[str, list[Tensor]]:
        """Return copies of the velocities, one a parameter; none before the first step or without momentum."""
        return {"velocities": [velocity.clone() for velocity in self._velocities]}

    def load_state_dict(self, state: Mapping[str, Sequence[Tensor]]) -> None:
        """Take over copies of the velocities; all or, with a KeyError, TypeError or ValueError, none."""
        held = arguments.named(self.label(), "state", state, ("velocities",))["velocities"]
        if not isinstance(held, Sequence):
            raise TypeError(f"{self.label()}: velocities must be a sequence of tensors, was {type(held).__name__}")
        velocities = list(held)
        if velocities and len(velocities) != len(self.values):
            raise ValueError(f"{self.label()}: velocities must be {len(self.values)} or none, were {len(velocities)}")
        pairs = list(zip(velocities, self.values, strict=bool(velocities)))
        for velocity, value in pairs:
            arguments.shaped(
                self.label(), "velocities", arguments.floating(self.label(), "velocities", velocity), value.shape
            )
        self._velocities = [velocity.to(value, copy=True) for velocity, value in pairs]

    def __repr__(self) -> str:
        return f"{self.label()}(parameters={len(self.values)}, lr={self.lr}, momentum={self.momentum})"
