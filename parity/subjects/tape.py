"""The tape of the framework as a subject: every module composed of elementary operators, which the tape derives."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from framework import tape
from parity.catalogue import offered
from parity.catalogue.pairing import cotangent_names
from parity.catalogue.signature import Signature
from parity.subjects.contract import Unsupported
from parity.subjects.framework import BuiltModule, FrameworkSubject, construct

CANCELLED = "composed of exponentials, whose parts cancel where it is 0: no digits are left near there"
LOST = {"Tanh": CANCELLED, "Tanhshrink": CANCELLED}  # of which the composition is no source of second derivatives


def lost(module: str, options: Mapping[str, Any]) -> str:
    """Return why a module, or a layer of a network, is no source of second derivatives; empty if it is one."""
    inner = (lost(name, of_layer) for name, of_layer in options.get("layers", ()))
    return LOST.get(module, "") or next(filter(None, inner), "")


class BuiltOnTape(BuiltModule):
    """A module of the tape in the adapter's terms, whose gradients are differentiated too."""

    def __init__(self, module: tape.AsLayer, signature: Signature, once: str = "") -> None:
        super().__init__(module)
        self.layer, self.signature, self.once = module, signature, once
        self.given: tuple[Any, ...] = ()
        self.forward = self.called

    def called(self, *inputs: Any) -> Any:
        self.given = inputs
        return self.layer.forward(*inputs)

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the gradients of the inner product of dx with its direction."""
        if self.once:
            raise Unsupported(f"the second derivative is {self.once}")
        try:
            by_inputs, by_cotangents, by_parameters = self.layer.second(cotangents, directions)
        except tape.DifferentiableOnceError as error:
            raise Unsupported(str(error)) from None
        inputs = [quantity.removeprefix("d") for quantity in self.signature.gradients(self.given)]
        of_dy = zip(cotangent_names(self.signature), by_cotangents, strict=True)
        of_inputs = dict(zip(inputs, by_inputs, strict=True))
        return of_inputs | {name: value for name, value in of_dy if value is not None} | by_parameters


class MethodOnTape(tape.Module):
    """One operator as a module: y = x.method(other, *arguments, **keywords), of Variables."""

    def __init__(self, module: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor]) -> None:
        self.module, self.method = module, module.removeprefix("Tensor.")
        self.arguments, self.keywords = options.get("arguments", ()), options.get("keywords", {})
        vars(self).update({name: tape.Variable(value) for name, value in parameters.items()})
        if not hasattr(tape.Variable, self.method):
            raise Unsupported(f"the tape has no {self.method}")

    def label(self) -> str:
        return self.module

    def forward(self, *inputs: tape.Variable) -> tape.Variable:
        (x,) = inputs
        if not isinstance(x, tape.Variable):
            raise TypeError(f"{self.module}: x must be a floating-point tensor, was {x!r}")
        y: tape.Variable = getattr(x, self.method)(*self.params(), *self.arguments, **self.keywords)
        return y


class OnTape(tape.Module):
    """A function of x and a second tensor, if there is one, with options, that is no method of x alone."""

    def __init__(self, module: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor]) -> None:
        self.module, self.options = module, {name: value for name, value in options.items() if name != "other"}
        vars(self).update({name: tape.Variable(value) for name, value in parameters.items()})

    def label(self) -> str:
        return self.module

    def forward(self, *inputs: tape.Variable) -> tape.Variable:
        (x,) = inputs
        if not isinstance(x, tape.Variable):
            raise TypeError(f"{self.module}: x must be a floating-point tensor, was {x!r}")
        return OWN[self.module](x, *self.params(), **self.options)


def numbers(x: tape.Variable, index: Sequence[int]) -> Tensor:
    """Return numbers as a tensor where x is."""
    return torch.tensor(index, device=x.tensor.device)


OWN: Mapping[str, Callable[..., tape.Variable]] = {
    "Tensor.cat": lambda x, other, dim: tape.cat([x, other, x], dim),
    "Tensor.index_select": lambda x, dim, index: x.index_select(dim, numbers(x, index)),
    "Tensor.index_sum": lambda x, dim, index, count: x.index_sum(dim, numbers(x, index), count),
    "Tensor.to": lambda x: x.to(torch.float64).to(x.tensor.dtype),
}


class TapeSubject(FrameworkSubject):
    """Builds the composition of any layer or loss that has one, and any operator of the tape."""

    name = "tape"
    operators = True
    differentiates_twice = True
    optimisers = ()  # those of the framework know nothing of modules, and are asked of it alone

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltModule:
        signature = offered(True)[module].signature
        if module.startswith("Tensor."):
            held = {name: value.to(device, dtype, copy=True) for name, value in parameters.items()}
            held_by = OnTape if module in OWN else MethodOnTape
            return BuiltOnTape(tape.AsLayer(held_by(module, options, held)), signature)
        built = construct(module, options).to(device, dtype)
        built.load_state_dict(built.state_dict() | dict(parameters))
        try:
            return BuiltOnTape(tape.AsLayer(tape.composed(built)), signature, lost(module, options))
        except TypeError as error:
            raise Unsupported(str(error)) from error


subject = TapeSubject()
