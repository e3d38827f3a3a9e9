"""Modules that change what is not theirs, or lose what they must keep; their values are right."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.trust.mutants.behaviour.returned import with_first
from parity.trust.planted import Planted


def spoil(value: Tensor) -> None:
    """Change one element in place, unseen by torch's count of writes."""
    if value.numel():
        value.data[(0,) * value.dim()] += 1


class ChangesInput(Planted):
    """Forward and backward are right, but leave another x behind."""

    def backward(self, *cotangents: Any) -> Any:
        """Spoil x once everything is computed."""
        returned = with_first(super().backward(*cotangents), Tensor.clone)
        if self.call is not None:
            spoil(self.call.x)
        return returned


class ChangesTarget(Planted):
    """A loss that leaves another target behind."""

    def backward(self, *cotangents: Any) -> Any:
        """Spoil t once everything is computed."""
        dx = super().backward(*cotangents)
        if self.call is not None:
            spoil(self.call.t)
        return dx


class ChangesCotangent(Planted):
    """Backward leaves another dy behind, as an in-place product does."""

    def backward(self, *cotangents: Any) -> Any:
        """Spoil dy once everything is computed."""
        returned = with_first(super().backward(*cotangents), Tensor.clone)
        if cotangents[0] is not None:
            spoil(cotangents[0])
        return returned


class ChangesParameter(Planted):
    """Backward leaves the last parameter a little larger."""

    def backward(self, *cotangents: Any) -> Any:
        """Spoil a parameter once everything is computed."""
        dx = super().backward(*cotangents)
        spoil(self.param()[-1][0])
        return dx


class Overwrites(Planted):
    """Gradients are only those of the last backward."""

    def accumulated(self, name: str, kept: Tensor, added: Tensor) -> Tensor:  # noqa: ARG002 - the fault
        """Forget what was there."""
        return added


class AddsTwice(Planted):
    """What was accumulated before counts twice."""

    def accumulated(self, name: str, kept: Tensor, added: Tensor) -> Tensor:  # noqa: ARG002 - the fault
        """Add too much of what was there."""
        return 2 * kept + added


class AveragesCalls(Planted):
    """Gradients are averaged with what was there, once something was."""

    def accumulated(self, name: str, kept: Tensor, added: Tensor) -> Tensor:  # noqa: ARG002 - the fault
        """Take the mean of old and new."""
        return (kept + added) / 2 if kept.any() else added


class NeverClears(Planted):
    """zero_grad does nothing."""

    def zero_grad(self) -> None:
        """Leave the gradients."""


class ClearsFirstOnly(Planted):
    """zero_grad clears every gradient but the last."""

    def zero_grad(self) -> None:
        """Leave the last gradient."""
        for grad in list(self.built.gradients().values())[:-1]:
            grad.zero_()


class ForwardClears(Planted):
    """Forward clears the gradients."""

    def forward(self, *inputs: Any) -> Any:
        """Clear what was accumulated."""
        self.built.zero_grad()
        return super().forward(*inputs)


class FreshGarbage(Planted):
    """The buffers of a new module hold what their memory held; the first backward writes over it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for grad in self.built.gradients().values():
            grad.fill_(torch.nan)

    def backward(self, *cotangents: Any) -> Any:
        """Forget the garbage before the first gradients come."""
        for grad in self.built.gradients().values():
            grad.nan_to_num_(nan=0.0)
        return super().backward(*cotangents)


class LazyGradients(Planted):
    """Gradients are computed when they are asked for, from whatever the last forward was given."""

    owed: bool = False

    def backward(self, *cotangents: Any) -> Any:
        """Remember that gradients are owed."""
        self.owed = True
        return super().backward(*cotangents)

    def forward(self, *inputs: Any) -> Any:
        """Spoil what is owed by the new input."""
        y = super().forward(*inputs)
        if self.owed:
            for grad in self.built.gradients().values():
                grad.mul_(2)
        return y

    def zero_grad(self) -> None:
        """Clear what is owed."""
        self.owed = False
        super().zero_grad()


class StaleList(Planted):
    """param() gives copies, so that a list taken early is soon stale."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return copies of the gradients."""
        return [(value, grad.clone()) for value, grad in super().param()]


class DoesNotLoad(Planted):
    """load_state_dict does nothing."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Ignore the values."""


class LoadsAlias(Planted):
    """load_state_dict keeps the given tensors themselves, so that later writes to them reach the module."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Point the parameters to the given memory."""
        for name, value in self.state_dict().items():
            value.data = state[name].data


class StateIncomplete(Planted):
    """state_dict leaves out the last parameter."""

    def state_dict(self) -> Mapping[str, Tensor]:
        """Return all but the last."""
        return dict(list(super().state_dict().items())[:-1])


class CopySharesMemory(Planted):
    """A deep copy is the module itself."""

    def __deepcopy__(self, memo: Any) -> "CopySharesMemory":
        return self


class CopyLosesValues(Planted):
    """A pickled module comes back with its parameters at zero."""

    def __reduce__(self) -> tuple[Any, ...]:
        return emptied, super().__reduce__()


def emptied(replant: Any, arguments: tuple[Any, ...]) -> Planted:
    """Return the module pickled, its parameters cleared."""
    built: Planted = replant(*arguments)
    for value in built.state_dict().values():
        value.zero_()
    return built


class KeepsFirstMode(Planted):
    """The mode of the first call is the mode of all."""

    def train(self, mode: bool = True) -> None:
        """Change nothing once there was a call."""
        if self.call is None:
            super().train(mode)


class BackwardOfFirstMode(Planted):
    """Forward heeds the mode; backward is that of the first call's."""

    of_first: bool | None = None

    def forward(self, *inputs: Any) -> Any:
        """Remember the mode of the first call."""
        self.of_first = self.site.training if self.of_first is None else self.of_first
        return super().forward(*inputs)

    def backward(self, *cotangents: Any) -> Any:
        """Go back in the mode of the first call."""
        now, kept = self.site.training, {name: value.clone() for name, value in self.held().items()}
        if self.call is None or self.of_first in (None, now):
            return super().backward(*cotangents)
        super().train(self.of_first)
        self.built.forward(*self.call.inputs)
        try:
            return super().backward(*cotangents)
        finally:
            super().train(now)
            if kept:
                self.load_buffers(kept)
