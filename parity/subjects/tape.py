"""The tape of the framework as a subject: every module composed of elementary operators, which the tape derives."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from framework import tape
from parity.subjects.contract import Unsupported
from parity.subjects.framework import BuiltModule, FrameworkSubject, construct

LOST = {  # modules of which the composition is no source of second derivatives
    "Tanh": "composed of exponentials, whose parts cancel where it is 0: no digits are left near there",
}


def lost(module: str, options: Mapping[str, Any]) -> str:
    """Return why a module, or a layer of a network, is no source of second derivatives; empty if it is one."""
    inner = (lost(name, of_layer) for name, of_layer in options.get("layers", ()))
    return LOST.get(module, "") or next(filter(None, inner), "")


class BuiltOnTape(BuiltModule):
    """A module of the tape in the adapter's terms, whose gradients are differentiated too."""

    def __init__(self, module: tape.AsLayer, once: str = "") -> None:
        super().__init__(module)
        self.layer, self.once = module, once

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the gradients of the inner product of dx with its direction."""
        if self.once:
            raise Unsupported(f"the second derivative is {self.once}")
        (dy,), (v,) = cotangents, directions
        try:
            return self.layer.second(dy, v)
        except tape.DifferentiableOnceError as error:
            raise Unsupported(str(error)) from None


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


class ConcatenationOnTape(tape.Module):
    """x, another tensor, and x again, one after the other."""

    def __init__(self, _: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor]) -> None:
        self.other, self.dim = tape.Variable(parameters["other"]), options["dim"]

    def label(self) -> str:
        return "Tensor.cat"

    def forward(self, *inputs: tape.Variable) -> tape.Variable:
        (x,) = inputs
        if not isinstance(x, tape.Variable):
            raise TypeError(f"Tensor.cat: x must be a floating-point tensor, was {x!r}")
        return tape.cat([x, self.other, x], self.dim)


OWN = {"Tensor.cat": ConcatenationOnTape}


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
        if module.startswith("Tensor."):
            held = {name: value.to(device, dtype, copy=True) for name, value in parameters.items()}
            return BuiltOnTape(tape.AsLayer(OWN.get(module, MethodOnTape)(module, options, held)))
        built = construct(module, options).to(device, dtype)
        built.load_state_dict(built.state_dict() | dict(parameters))
        try:
            return BuiltOnTape(tape.AsLayer(tape.composed(built)), lost(module, options))
        except TypeError as error:
            raise Unsupported(str(error)) from error


subject = TapeSubject()
