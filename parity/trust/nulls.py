"""Null subjects: they answer without computing. Each must fail wherever the truth is not by chance their answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.subjects.contract import Built
from parity.trust.planted import hosted

# The shape asked for and the tensor at hand (x for the output, dx and the gradients of parameters): the answer.
Answer = Callable[[torch.Size, Tensor], Tensor]


def filled(shape: torch.Size, given: Tensor) -> Tensor:
    """Return the elements of `given`, over and over, in another shape."""
    wanted = shape.numel()
    repeats = -(-wanted // max(1, given.numel()))
    return given.reshape(-1).repeat(repeats)[:wanted].reshape(shape) if given.numel() else given.new_zeros(shape)


class BuiltNull:
    """A module that knows its shapes and nothing else."""

    def __init__(self, null: "Null", reference: torch.nn.Module, parameters: Mapping[str, Tensor]) -> None:
        self.null, self.reference, self.parameters = null, reference, parameters
        self.inputs: tuple[Tensor, ...] = ()
        self.dy: Tensor | None = None

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the null's answer in the shape of the output, which torch gives without computing."""
        self.inputs = inputs
        shape = self.reference(*(value.to("meta") for value in inputs)).shape
        return self.null.output(shape, inputs[0])

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return the null's answer in the shape of x."""
        self.dy = dy
        return self.null.gradient(self.inputs[0].shape, self.at_hand())

    def at_hand(self) -> Tensor:
        """Return what a null that copies finds when gradients are asked for."""
        x = self.inputs[0]
        return (x.new_ones(()) if self.dy is None else self.dy) if self.null.hands_on else x

    def gradients(self) -> dict[str, Tensor]:
        """Return the null's answer in the shape of each parameter."""
        return {name: self.null.gradient(value.shape, self.at_hand()) for name, value in self.parameters.items()}

    def zero_grad(self) -> None:
        """Nothing was accumulated."""


@dataclass
class Null:
    """A subject that gives `output` for the output and `gradient` for dx and every parameter's gradient.

    hands_on  whether gradients are made from dy, as the identity's are, and not from x
    """

    name: str
    output: Answer
    gradient: Answer
    hands_on: bool = False
    explains: bool = False

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,  # noqa: ARG002 - the adapter contract
        dtype: torch.dtype,
    ) -> Built:
        """Return a module that knows only shapes."""
        reference = hosted()[module].reference(**options).to(device="meta", dtype=dtype)
        return BuiltNull(self, reference, parameters)


class BuiltPrevious:
    """A module that computes, but hands out what it computed for the call before."""

    def __init__(self, built: Built, memory: dict[str, Tensor]) -> None:
        self.built, self.memory = built, memory
        self.given: dict[str, Tensor] = {}

    def swapped(self, name: str, value: Tensor) -> Tensor:
        """Return what the memory holds under this name, and keep `value` in its place."""
        before = self.memory.get(name)
        self.memory[name] = value.clone()
        return before if before is not None and before.shape == value.shape else torch.zeros_like(value)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output of the call before."""
        return self.swapped("output", self.built.forward(*inputs))

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return the dx of the call before; exchange the gradients too."""
        dx = self.swapped("dx", self.built.backward(dy))
        self.given = {name: self.swapped(f"d{name}", grad) for name, grad in self.built.gradients().items()}
        return dx

    def gradients(self) -> dict[str, Tensor]:
        """Return the gradients of the call before."""
        return self.given

    def zero_grad(self) -> None:
        """Clear the gradients."""
        self.built.zero_grad()


@dataclass
class Previous:
    """A subject whose every module answers with what the module before it computed."""

    honest: Any
    memory: dict[str, Tensor] = field(default_factory=dict)
    name: str = "the previous call's result"
    explains: bool = False

    def build(self, *arguments: Any) -> Built:
        """Build the honest module, with the memory of the one before."""
        return BuiltPrevious(self.honest.build(*arguments), self.memory)


def zeros(shape: torch.Size, given: Tensor) -> Tensor:
    return given.new_zeros(shape)


def constant(shape: torch.Size, given: Tensor) -> Tensor:
    return given.new_full(shape, 0.5)


def uninitialised(shape: torch.Size, given: Tensor) -> Tensor:
    return given.new_empty(shape)


NULLS = (
    Null("zeros", zeros, zeros),
    Null("constant", constant, constant),
    Null("identity", filled, filled, hands_on=True),
    Null("copy of the input", filled, filled),
    Null("uninitialised memory", uninitialised, uninitialised),
)
