"""Modules that mistake one call for another, or take what they must refuse: each breaks one promise."""

from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.subjects.contract import Built
from parity.trust.planted import Call, Planted, host


class FirstForward(Planted):
    """Backward belongs to the first of several forwards."""

    def backward(self, dy: Tensor | None) -> Tensor:
        """Go back to the inputs of the first forward since the last backward."""
        if self.call is not None and self.pending is not None and self.pending is not self.call:
            self.built.forward(*self.pending.inputs)
            self.call = self.pending
        self.pending = None
        return super().backward(dy)

    pending: Call | None = None

    def forward(self, *inputs: Tensor) -> Tensor:
        """Remember the first forward."""
        y = super().forward(*inputs)
        if self.pending is None or self.pending.y.shape != y.shape:
            self.pending = self.call
        return y


class ForgetsAfterBackward(Planted):
    """A second backward for one forward adds nothing and gives zeros."""

    spent: Call | None = None

    def backward(self, dy: Tensor | None) -> Tensor:
        """Give zeros for a forward that had its backward."""
        if self.call is not None and self.spent is self.call:
            return torch.zeros_like(self.call.x)
        self.spent = self.call
        return super().backward(dy)


class ReusesOutput(Planted):
    """Forward writes into the memory of the output that it gave before."""

    buffer: Tensor | None = None

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the same tensor as long as the shape is the same."""
        y = super().forward(*inputs)
        if self.buffer is None or self.buffer.shape != y.shape:
            self.buffer = y.clone()
        return self.buffer.copy_(y)


class ReusesDx(Planted):
    """Backward writes into the memory of the dx that it gave before."""

    buffer: Tensor | None = None

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return the same tensor as long as the shape is the same."""
        dx = super().backward(dy)
        if self.buffer is None or self.buffer.shape != dx.shape:
            self.buffer = dx.clone()
        return self.buffer.copy_(dx)


class NotDeterministic(Planted):
    """The output is off by a last bit, at random; within what rounding may do."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output times 1 or the next number."""
        y = super().forward(*inputs)
        return y * (1 + torch.finfo(y.dtype).eps * torch.randint(2, y.shape, dtype=y.dtype))


class NotDeterministicBackward(Planted):
    """dx is off by a last bit, at random; within what rounding may do."""

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return dx times 1 or the next number."""
        dx = super().backward(dy)
        return dx * (1 + torch.finfo(dx.dtype).eps * torch.randint(2, dx.shape, dtype=dx.dtype))


class AnswersWithoutForward(Planted):
    """A backward before any forward gives zeros."""

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return zeros where there is no forward."""
        return torch.zeros(1) if self.call is None else super().backward(dy)


class AttributeErrorWithoutForward(Planted):
    """A backward before any forward ends in an error that says nothing of it."""

    def backward(self, dy: Tensor | None) -> Tensor:
        """Fail where there is no forward."""
        if self.call is None:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward(dy)


class AcceptsIntegers(Planted):
    """Integers are cast to the dtype of the module without a word."""

    def forward(self, *inputs: Any) -> Tensor:
        """Cast x if it is a tensor of integers."""
        x, *rest = inputs
        known = isinstance(x, Tensor) and not x.is_floating_point()
        return super().forward(x.to(self.site.dtype) if known else x, *rest)


class AcceptsAnything(Planted):
    """What cannot be computed is answered with zeros."""

    def forward(self, *inputs: Any) -> Tensor:
        """Return zeros where the honest module refuses."""
        try:
            return super().forward(*inputs)
        except (TypeError, ValueError, RuntimeError, AttributeError):
            return torch.zeros(1)


class AcceptsBadOptions(Planted):
    """Options that make no sense are replaced by others without a word."""

    @staticmethod
    def forgiving(module: str, device: torch.device, dtype: torch.dtype) -> Built:
        """Return the module of the catalogue's first case."""
        return host().build(module, pages()[module].cases[0].options, own_state(module, dtype), device, dtype)


def own_state(module: str, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the parameters that torch gives the catalogue's first case."""
    page = pages()[module]
    state = page.reference(**page.cases[0].options).state_dict()
    return {name: value.to(dtype) for name, value in state.items()}


class VagueError(Planted):
    """Bad input is refused in words that name neither layer nor argument."""

    def forward(self, *inputs: Any) -> Tensor:
        """Refuse without saying what was wrong."""
        try:
            return super().forward(*inputs)
        except (TypeError, ValueError) as error:
            raise ValueError("bad input") from error


class BrokenByRefusal(Planted):
    """After bad input the module answers zeros."""

    broken = False

    def forward(self, *inputs: Any) -> Tensor:
        """Remember a refusal for ever."""
        try:
            y = super().forward(*inputs)
        except (TypeError, ValueError, RuntimeError):
            self.broken = True
            raise
        return torch.zeros_like(y) if self.broken else y


class GivesFloat64(Planted):
    """The output comes in float64, whatever the dtype asked for."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return more digits than were asked for."""
        return super().forward(*inputs).double()


class AddsAxis(Planted):
    """dx has an axis too many."""

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return dx as (1, *)."""
        return super().backward(dy).unsqueeze(0)


class RefusesEmpty(Planted):
    """A batch of no sample ends in an error."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Fail where there is no sample."""
        if isinstance(inputs[0], Tensor) and not inputs[0].numel():
            raise IndexError("index out of range")
        return super().forward(*inputs)
