"""Modules on the tape: a forward pass, and parameters that it finds by itself."""

from collections.abc import Iterator
from typing import Any, Self
from weakref import ref

import torch
from torch import Tensor

from framework import arguments
from framework.module import Parameter
from framework.tape.operators.operator import STATE, CallScope
from framework.tape.variable import Operand, Variable


def contents(value: object, name: str) -> "Iterator[tuple[str, Variable | Module]]":
    """Yield the Variables and Modules in `value`, which may be one or a nest of lists, tuples and dicts, by name."""
    if isinstance(value, Module):
        yield name, value
    elif isinstance(value, Variable):
        if value.grad_op is None:
            yield name, value
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            yield from contents(item, f"{name}.{position}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from contents(item, f"{name}.{key}")


class Module(arguments.Labelled):
    """A function of Variables. A subclass defines forward; the tape derives it, and finds its parameters.

    Parameters are the leaf Variables among the attributes, and those of the Modules among them, in lists, tuples and
    dicts too; each counts once, under the first of its names.
    Source    Paper 002, 2.3.
    """

    @property
    def derived(self) -> tuple[int, ...]:
        """The places of the inputs that get a gradient where this stands among layers (AsLayer)."""
        return (0,)

    def forward(self, *inputs: Variable) -> Any:
        """Return the output, or a tuple of several."""
        raise NotImplementedError(f"{self.label()}: forward must be defined")

    def __call__(self, *inputs: Operand | None) -> Any:
        """Return the output; what is drawn inside forward is one cluster. A plain tensor counts as a constant."""
        outer = STATE.scope
        STATE.scope = CallScope(self.label(), ref(self), outer)
        try:
            y = self.forward(*(as_variable(value) for value in inputs))
        finally:
            STATE.scope = outer
        for output in y if isinstance(y, tuple) else (y,):
            if output.__class__ is not Variable:
                raise TypeError(f"{self.label()}: forward must return a Variable, returned {type(output).__name__}")
        return y

    def named_params(self) -> dict[str, Variable]:
        """Return every parameter by the path of attributes that leads to it."""
        first: dict[int, tuple[str, Variable]] = {}
        for name, variable in self.walk(set()):
            first.setdefault(id(variable), (name, variable))
        return dict(first.values())

    def walk(self, seen: set[int]) -> Iterator[tuple[str, Variable]]:
        """Yield the parameters here and below; a module that was seen is not entered again."""
        seen.add(id(self))
        for attribute, held in vars(self).items():
            for name, value in contents(held, attribute):
                if isinstance(value, Variable):
                    yield name, value
                elif id(value) not in seen:
                    for below, variable in value.walk(seen):
                        yield f"{name}.{below}", variable

    def modules(self) -> dict[str, "Module"]:
        """Return this module and those below it, each once, by the path of attributes that leads to it."""
        found: dict[Module, str] = {self: ""}
        for module in (waiting := [self]):
            for attribute, held in vars(module).items():
                for name, value in contents(held, f"{found[module]}{attribute}"):
                    if isinstance(value, Module) and value not in found:
                        found[value] = f"{name}."
                        waiting.append(value)
        return {path: module for module, path in found.items()}

    def named_buffers(self) -> dict[str, Tensor]:
        """Return what is kept beside the parameters and learnt by no gradient, by name."""
        return {
            f"{path}{name}": value for path, held in self.modules().items() for name, value in held.buffers().items()
        }

    def buffers(self) -> dict[str, Tensor]:
        """Return the buffers of this module itself; those of the layers that it stands for."""
        return {}

    def train(self, mode: bool = True) -> Self:
        """Switch this module and those below it to training, or evaluation; return self."""
        for module in self.modules().values():
            module.switch(mode)
        return self

    def switch(self, mode: bool) -> None:
        """Switch this module itself: there is nothing to switch, unless a subclass says so."""

    def params(self) -> list[Variable]:
        """Return every parameter once."""
        return list(self.named_params().values())

    def param(self) -> list[Parameter]:
        """Return every parameter as (value, grad), the very tensors, for an optimiser of the framework."""
        return [Parameter(variable.tensor, variable.gradient()) for variable in self.params()]

    def zero_grad(self) -> None:
        """Set every gradient to zero, in place."""
        grads = [variable.grad for variable in self.params() if variable.grad is not None]
        if grads:
            torch._foreach_zero_(grads)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={tuple(variable.shape)}" for name, variable in self.named_params().items())
        return f"{type(self).__name__}({shown})"


def as_variable(value: Any) -> Any:
    """Return a floating-point tensor as a constant Variable named input; anything else as it is."""
    if isinstance(value, Tensor) and value.is_floating_point():
        return Variable(value, constant=True, name="input")
    return value
