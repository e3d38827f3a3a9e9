"""Null subjects: they answer without computing. Each must fail wherever the truth is not by chance their answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Page
from parity.catalogue.pairing import PREFIX, cotangent_names
from parity.catalogue.signature import Signature
from parity.subjects.composed import build
from parity.subjects.contract import Buffered, Built, Modal
from parity.trust.planted import hosted
from parity.verdict.pairing import twice

# The shape asked for and the tensor at hand (x for the output, dx and the gradients of parameters): the answer.
Answer = Callable[[torch.Size, Tensor], Tensor]


def filled(shape: torch.Size, given: Tensor) -> Tensor:
    """Return the elements of `given`, over and over, in another shape."""
    wanted = shape.numel()
    repeats = -(-wanted // max(1, given.numel()))
    return given.reshape(-1).repeat(repeats)[:wanted].reshape(shape) if given.numel() else given.new_zeros(shape)


class BuiltNull:
    """A module that knows its shapes and nothing else."""

    def __init__(
        self, null: "Null", page: Page, options: Mapping[str, Any], parameters: Mapping[str, Tensor], dtype: torch.dtype
    ) -> None:
        self.null, self.page, self.parameters = null, page, parameters
        self.options = options
        self.reference = page.reference(**options).to(device="meta", dtype=dtype)
        self.dtype = dtype
        self.inputs: tuple[Any, ...] = ()
        self.dy: Tensor | None = None

    def forward(self, *inputs: Any) -> Any:
        """Return the null's answer in the shape of every output, which torch gives without computing where it can."""
        self.inputs = inputs
        try:
            returned = self.page.call(
                self.reference, *(value if value is None else value.to("meta") for value in inputs)
            )
        except RuntimeError:  # it looks at the numbers, as one of variances does
            returned = self.page.call(self.page.reference(**self.options).to(self.dtype), *inputs)
        outputs = self.page.signature.named_outputs(returned)
        answers = tuple(self.null.output(value.shape, self.x) for value in outputs.values())
        return answers if len(answers) > 1 else answers[0]

    @property
    def x(self) -> Tensor:
        """The first input, as numbers of the module's dtype."""
        return self.inputs[0].to(self.dtype)  # type: ignore[no-any-return]  # it is a tensor

    def backward(self, *cotangents: Any) -> Any:
        """Return the null's answer in the shape of every input that gets a gradient."""
        self.dy = next((dy for dy in cotangents if dy is not None), None)
        given = self.page.signature.differentiated(self.inputs)
        answers = tuple(self.null.gradient(value.shape, self.at_hand()) for _, value in given)
        return answers if len(answers) > 1 else answers[0] if answers else None

    def second(self, cotangents: Sequence[Any], _: Sequence[Any]) -> dict[str, Tensor]:
        """Return the null's answer in the shape of everything that a second derivative is by."""
        self.dy = next((dy for dy in cotangents if dy is not None), None)
        named = self.page.signature.differentiated(self.inputs)
        likes = {quantity.removeprefix("d"): value for quantity, value in named} | dict(self.parameters)
        given = zip(cotangent_names(self.page.signature), cotangents, strict=True)
        likes |= {name: dy for name, dy in given if dy is not None}
        return {name: self.null.gradient(value.shape, self.at_hand()) for name, value in likes.items()}

    def train(self, mode: bool = True) -> None:
        """It answers the same in either mode."""

    def buffers(self) -> dict[str, Tensor]:
        """Return the null's answer in the shape of every buffer; before it was given an x, that to nothing."""
        held, x = self.reference.named_buffers(), self.x if self.inputs else torch.zeros((), dtype=self.dtype)
        return {name: self.null.output(value.shape, x) for name, value in held if value.is_floating_point()}

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """It keeps nothing."""

    def at_hand(self) -> Tensor:
        """Return what a null that copies finds when gradients are asked for."""
        x = self.x
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
        return BuiltNull(self, hosted()[module], options, parameters, dtype)


class BuiltPrevious:
    """A module that computes, but hands out what it computed for the call before."""

    def __init__(self, built: Built, signature: Signature, memory: dict[str, Tensor]) -> None:
        self.built, self.signature, self.memory = built, signature, memory
        self.inputs: tuple[Any, ...] = ()
        self.given: dict[str, Tensor] = {}
        self.kept: dict[str, Tensor] = {}

    def swapped(self, name: str, value: Tensor) -> Tensor:
        """Return what the memory holds under this name, and keep `value` in its place."""
        before = self.memory.get(name)
        self.memory[name] = value.clone()
        return before if before is not None and before.shape == value.shape else torch.zeros_like(value)

    def forward(self, *inputs: Any) -> Any:
        """Return the outputs of the call before."""
        self.inputs = inputs
        returned = self.all_swapped(self.signature.named_outputs(self.built.forward(*inputs)))
        self.kept = {name: self.swapped(name, value) for name, value in self.honest_buffers().items()}
        return returned

    def backward(self, *cotangents: Any) -> Any:
        """Return the gradients of the call before; exchange those of the parameters too."""
        returned = self.all_swapped(self.signature.named_gradients(self.inputs, self.built.backward(*cotangents)))
        self.given = {name: self.swapped(f"d{name}", grad) for name, grad in self.built.gradients().items()}
        return returned

    def all_swapped(self, named: Mapping[str, Tensor]) -> Any:
        """Return what the memory holds of everything that a call returned."""
        before = tuple(self.swapped(name, value) for name, value in named.items())
        return before if len(before) > 1 else before[0] if before else None

    def second(self, cotangents: Sequence[Any], directions: Sequence[Any]) -> dict[str, Tensor]:
        """Return the second derivatives of the call before."""
        found = twice(self.built, cotangents, directions).items()
        return {name: self.swapped(f"{PREFIX}{name}", value) for name, value in found}

    def train(self, mode: bool = True) -> None:
        """Switch the honest module."""
        if isinstance(self.built, Modal):
            self.built.train(mode)

    def honest_buffers(self) -> dict[str, Tensor]:
        """Return the buffers of the honest module."""
        return dict(self.built.buffers()) if isinstance(self.built, Buffered) else {}

    def buffers(self) -> dict[str, Tensor]:
        """Return the buffers after the call before."""
        return self.kept or self.honest_buffers()

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Set those of the honest module."""
        if isinstance(self.built, Buffered):
            self.built.load_buffers(values)

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

    def build(self, module: str, *arguments: Any) -> Built:
        """Build the honest module, with the memory of the one before."""
        return BuiltPrevious(build(self.honest, module, *arguments), hosted()[module].signature, self.memory)


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
