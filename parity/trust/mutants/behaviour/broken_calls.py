"""Modules that mistake one call for another, or take what they must refuse: each breaks one promise."""

from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.subjects.composed import build
from parity.subjects.contract import Built
from parity.trust.mutants.behaviour.returned import with_first
from parity.trust.planted import Call, Planted, host


class FirstForward(Planted):
    """Backward belongs to the first of several forwards."""

    def backward(self, *cotangents: Any) -> Any:
        """Go back to the inputs of the first forward since the last backward."""
        if self.call is not None and self.pending is not None and self.pending is not self.call:
            self.built.forward(*self.pending.inputs)
            self.call = self.pending
        self.pending = None
        return super().backward(*cotangents)

    pending: Call | None = None

    def forward(self, *inputs: Any) -> Any:
        """Remember the first forward."""
        returned = super().forward(*inputs)
        assert self.call is not None
        if self.pending is None or self.pending.y.shape != self.call.y.shape:
            self.pending = self.call
        return returned


class ForgetsAfterBackward(Planted):
    """A second backward for one forward adds nothing and gives zeros."""

    spent: Call | None = None

    def backward(self, *cotangents: Any) -> Any:
        """Give zeros for a forward that had its backward."""
        if self.call is not None and self.spent is self.call:
            given = self.call.signature.differentiated(self.call.inputs)
            zeros = tuple(torch.zeros_like(value) for _, value in given)
            return zeros if len(zeros) > 1 else zeros[0] if zeros else None
        self.spent = self.call
        return super().backward(*cotangents)


class Reuses(Planted):
    """A memory that is written again as long as the shape is the same."""

    buffer: Tensor | None = None

    def reused(self, value: Tensor) -> Tensor:
        """Return the value in the memory of the one before."""
        if self.buffer is None or self.buffer.shape != value.shape:
            self.buffer = value.clone()
        return self.buffer.copy_(value)


class ReusesOutput(Reuses):
    """Forward writes into the memory of the output that it gave before."""

    def forward(self, *inputs: Any) -> Any:
        """Return the same tensor."""
        return with_first(super().forward(*inputs), self.reused)


class ReusesDx(Reuses):
    """Backward writes into the memory of the dx that it gave before."""

    def backward(self, *cotangents: Any) -> Any:
        """Return the same tensor."""
        return with_first(super().backward(*cotangents), self.reused)


def off_by_a_bit(value: Tensor) -> Tensor:
    """Return the value times 1 or the next number, at random."""
    return value * (1 + torch.finfo(value.dtype).eps * torch.randint(2, value.shape, dtype=value.dtype))


class NotDeterministic(Planted):
    """The output is off by a last bit, at random; within what rounding may do."""

    def forward(self, *inputs: Any) -> Any:
        """Return the output times 1 or the next number."""
        return with_first(super().forward(*inputs), off_by_a_bit)


class NotDeterministicBackward(Planted):
    """dx is off by a last bit, at random; within what rounding may do."""

    def backward(self, *cotangents: Any) -> Any:
        """Return dx times 1 or the next number."""
        return with_first(super().backward(*cotangents), off_by_a_bit)


class AnswersWithoutForward(Planted):
    """A backward before any forward gives zeros."""

    def backward(self, *cotangents: Any) -> Any:
        """Return zeros where there is no forward."""
        return torch.zeros(1) if self.call is None else super().backward(*cotangents)


class AttributeErrorWithoutForward(Planted):
    """A backward before any forward ends in an error that says nothing of it."""

    def backward(self, *cotangents: Any) -> Any:
        """Fail where there is no forward."""
        if self.call is None:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward(*cotangents)


class AcceptsIntegers(Planted):
    """Integers are cast to the dtype of the module without a word."""

    def forward(self, *inputs: Any) -> Any:
        """Cast x if it is a tensor of integers."""
        x, *rest = inputs
        known = isinstance(x, Tensor) and not x.is_floating_point()
        return super().forward(x.to(self.site.dtype) if known else x, *rest)


class AcceptsAnything(Planted):
    """What cannot be computed is answered with zeros."""

    def forward(self, *inputs: Any) -> Any:
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
        return build(host(module), module, pages()[module].cases[0].options, own_state(module, dtype), device, dtype)


def own_state(module: str, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the parameters that torch gives the catalogue's first case."""
    page = pages()[module]
    state = page.reference(**page.cases[0].options).state_dict()
    return {name: value.to(dtype) for name, value in state.items()}


class VagueError(Planted):
    """Bad input is refused in words that name neither layer nor argument."""

    def forward(self, *inputs: Any) -> Any:
        """Refuse without saying what was wrong."""
        try:
            return super().forward(*inputs)
        except (TypeError, ValueError) as error:
            raise ValueError("bad input") from error


class BrokenByRefusal(Planted):
    """After bad input the module answers zeros."""

    broken = False

    def forward(self, *inputs: Any) -> Any:
        """Remember a refusal for ever."""
        try:
            returned = super().forward(*inputs)
        except (TypeError, ValueError, RuntimeError):
            self.broken = True
            raise
        return with_first(returned, torch.zeros_like) if self.broken else returned


class GivesFloat64(Planted):
    """The output comes in float64, whatever the dtype asked for."""

    def forward(self, *inputs: Any) -> Any:
        """Return more digits than were asked for."""
        return with_first(super().forward(*inputs), Tensor.double)


class AddsAxis(Planted):
    """dx has an axis too many."""

    def backward(self, *cotangents: Any) -> Any:
        """Return dx as (1, *)."""
        return with_first(super().backward(*cotangents), lambda dx: dx.unsqueeze(0))


class RefusesEmpty(Planted):
    """A batch of no sample ends in an error."""

    def forward(self, *inputs: Any) -> Any:
        """Fail where there is no sample."""
        if isinstance(inputs[0], Tensor) and not inputs[0].numel():
            raise IndexError("index out of range")
        return super().forward(*inputs)
