"""What a library under test must provide: the adapter contract."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor


class Unsupported(Exception):  # noqa: N818 - neither wrong nor an error: the subject says what it does not have
    """Raised by an adapter for what its library lacks; the cell is then counted as unsupported, with this reason."""


class Stopped(Exception):  # noqa: N818 - not the library's own error: it no longer has a process
    """Raised for every call of a cell in which the subject's process crashed, or was stopped at a limit."""


class Built(Protocol):
    """One module of the subject, built and holding the given parameters."""

    def forward(self, *inputs: Any) -> Any:
        """Return the output for the inputs: x, or p and t for a loss.

        Of a module with several (parity/catalogue/signature.py): inputs as torch.nn takes them, None for one that is
        left out; a tuple of the outputs.
        """

    def backward(self, *cotangents: Any) -> Any:
        """Return the gradient of the input for the last forward; dy is None for a loss reduced to a scalar.

        Of several: a cotangent for each output, None for one on which nothing depends; a tuple of the gradients of the
        inputs that were given and get one.
        """

    def gradients(self) -> Mapping[str, Tensor]:
        """Return every parameter's accumulated gradient by torch's name for the parameter."""

    def zero_grad(self) -> None:
        """Clear the gradients."""


class Subject(Protocol):
    """A library under test."""

    name: str
    explains: bool  # whether its errors are meant to name the module and the argument, which is then checked

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Built:
        """Build `module` (its name in the catalogue) with torch's options, holding copies of `parameters`.

        Raises Unsupported, with a sentence that says what is lacking, for what the library does not have. Any other
        exception out of the library's own constructor passes through: the suite asks whether bad options are refused.
        """


@runtime_checkable
class Stateful(Protocol):
    """What a built module may also show: its live parameters and its state."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the live (value, gradient) pairs."""

    def state_dict(self) -> Mapping[str, Tensor]:
        """Return every parameter's value by name."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""


@runtime_checkable
class Settable(Protocol):
    """A built module in which new parameters can be put, as a training does; one that shows its own needs no more."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""


@runtime_checkable
class Buffered(Protocol):
    """A built module that shows what it keeps beside its parameters, such as running statistics."""

    def buffers(self) -> Mapping[str, Tensor]:
        """Return every buffer by torch's name for it; those that the library does not have may lack."""

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Take over the values of the buffers that it has."""


@runtime_checkable
class Modal(Protocol):
    """A built module with a mode of training and one of evaluation; it begins in that of training."""

    def train(self, mode: bool = True) -> object:
        """Switch to training, or with False to evaluation."""


@runtime_checkable
class TwiceDifferentiable(Protocol):
    """A built module whose gradients can be differentiated in their turn; its subject says `differentiates_twice`."""

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> Mapping[str, Tensor | None]:
        """Return the gradients of s = Σ <dx, v> for the last forward: dx as backward(*cotangents) would return them,
        each with its direction v, in their order.

        By name: x, or whatever an input is called; a parameter; dy for the cotangent, and of several outputs d<output>
        for those after the first. What s does not depend on may be None or left out: that is zero. Nothing is added to
        the gradients that `gradients` returns.
        """


@runtime_checkable
class Saves(Protocol):
    """A built module which shows what its last forward keeps for backward; the timing harness measures its bytes."""

    saved: Sequence[Tensor]


class Steps(Protocol):
    """An optimiser: one call is one step."""

    def step(self) -> None:
        """Change every parameter by its gradient."""


@runtime_checkable
class Trains(Protocol):
    """A subject with an optimiser, for the timed training steps."""

    def sgd(self, parameters: list[tuple[Tensor, Tensor]], lr: float) -> Steps:
        """Return plain stochastic gradient descent on live (value, gradient) pairs."""


@runtime_checkable
class TrainsWhole(Protocol):
    """A subject that takes a training step as one, and not call by call."""

    def training_step(self, network: Any, criterion: Any, lr: float) -> Callable[[Tensor, Tensor], object]:
        """Return how to take a step of plain stochastic gradient descent on a batch x with its targets, given a network
        and a loss that the subject has built: gradients cleared, forward, loss, backward, update."""


Group = tuple[Sequence[tuple[Tensor, Tensor]], Mapping[str, Any]]  # live pairs, and their options by torch's names


class LiveOptimiser(Steps, Protocol):
    """An optimiser, built. Whatever of it is not there raises Unsupported: only `step` must be.

    It works on live (value, gradient) pairs: the suite writes every gradient into its tensor before a step, clears it
    there afterwards, and finds the new values in theirs.
    """

    def rates(self, rates: Sequence[float]) -> None:
        """Set the learning rate of each group, for the steps that follow."""

    def states(self) -> Sequence[Mapping[str, Tensor]]:
        """Return what is kept of each parameter, in their order, by torch.optim's names: as much as can be shown."""

    def resumed(self) -> "LiveOptimiser":
        """Return a new optimiser of the same pairs that has taken over this one's saved state."""


@runtime_checkable
class Optimises(Protocol):
    """A subject with optimisers (parity/catalogue/optimisers)."""

    optimisers: Collection[str]  # by torch.optim's names; empty if there are none

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> LiveOptimiser:
        """Build an optimiser of one group or more; raises Unsupported for what the library does not have."""


def optimisers_of(subject: object) -> list[str]:
    """Return the names of the optimisers that a subject says it has."""
    return list(subject.optimisers) if isinstance(subject, Optimises) else []


def offers_of(subject: object) -> list[str] | None:
    """Return the names of the catalogue that a subject says it is meant to have (`offers`); None where it says nothing.

    A run that requires all of them fails where one was not compared.
    """
    offers = getattr(subject, "offers", None)
    return None if offers is None else list(map(str, offers))


def made_of(subject: object) -> list[object]:
    """Return what a subject says it builds with (`made_of`): classes, functions, and whatever holds them."""
    return list(getattr(subject, "made_of", ()))


@dataclass(frozen=True)
class Traits:
    """What a subject may also say of itself; anything that it does not say is False.

    operators      it has operators on tensors too (parity/catalogue/operators), as modules named Tensor.<method>
    wraps_torch    torch's autograd or modules do the work, by design: there is nothing to audit
    outside_torch  it computes outside torch's tensors: an audit sees only what it asks of torch
    differentiates_twice  what it builds is TwiceDifferentiable, as a rule; what is not raises Unsupported
    of_papers  the tables of paper 004 are of it
    """

    operators: bool = False
    wraps_torch: bool = False
    outside_torch: bool = False
    differentiates_twice: bool = False
    of_papers: bool = False


def traits(subject: object) -> Traits:
    """Return what a subject says of itself."""
    return Traits(**{entry.name: bool(getattr(subject, entry.name, False)) for entry in fields(Traits)})
