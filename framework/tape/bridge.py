"""Between layers and tape: a module of the framework on the tape, as one operator or composed of many."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

import framework
from framework.arguments import counted
from framework.several import Several
from framework.tape.as_layer import AsLayer
from framework.tape.compositions.table import COMPOSITIONS
from framework.tape.module import Module
from framework.tape.operators.fused import LayerCall, ModuleCall
from framework.tape.variable import Variable, apply


def derived(held: framework.Module) -> tuple[int, ...]:
    """Return the places of the inputs of a module of the framework that get a gradient."""
    return COMPOSITIONS[type(held)].derived if type(held) in COMPOSITIONS else (0,)


class Adopted(Module):
    """A module of the framework on the tape; its parameters are leaves that share its values and gradients."""

    def __init__(self, held: framework.Module) -> None:
        self.held = held
        self.leaves: dict[str, Variable] = {}
        for name, (value, grad) in held.named_parameters().items():
            self.leaves[name] = Variable(value, name=name)
            self.leaves[name].grad = grad

    @property
    def derived(self) -> tuple[int, ...]:
        return derived(self.held)

    def walk(self, seen: set[int]) -> Iterator[tuple[str, Variable]]:
        seen.add(id(self))
        yield from self.leaves.items()

    def label(self) -> str:
        return self.held.label()

    def switch(self, mode: bool) -> None:
        self.held.train(mode)

    def buffers(self) -> dict[str, Tensor]:
        return self.held.named_buffers()


class Fused(Adopted):
    """The module as one operator, which calls its own forward and backward: the fast road."""

    def __init__(self, held: framework.Module) -> None:
        if derived(held) not in ((), (0,)):
            raise TypeError(
                f"on_tape: module must have one input that gets a gradient and one output, but {type(held).__name__} "
                f"has others; use framework.tape.composed"
            )
        super().__init__(held)
        self.is_layer = isinstance(held, framework.Layer) and not held.children()

    def forward(self, *inputs: Variable) -> Variable:
        operands = (*inputs, *self.leaves.values())
        if self.is_layer and len(inputs) == 1:
            return apply(LayerCall, operands, self.held)
        for position, other in enumerate(inputs[1:], 2):
            if isinstance(other, Variable) and other.depends:
                raise ValueError(
                    f"{self.label()}: input {position} must be a constant, since the layer has no derivative for it; "
                    f"detach it, or use framework.tape.composed"
                )
        return apply(ModuleCall, operands, len(self.leaves), self.held)


class Composed(Adopted):
    """The module composed of elementary operators, from which the tape finds every derivative: the independent road.

    Formats of 16 bits are computed in float32, and rounded once at the end.
    """

    def __init__(self, held: framework.Layer | Several | framework.Loss) -> None:
        if type(held) not in COMPOSITIONS:
            raise TypeError(
                f"composed: module must be a layer or loss that framework/tape/compositions/table.py lists, "
                f"or a Sequential of such, was {type(held).__name__}"
            )
        super().__init__(held)

    def forward(self, *inputs: Any) -> Any:
        given = self.checked(inputs)
        every = [value for value in (*given, *self.leaves.values()) if isinstance(value, Variable)]
        own = every[0].tensor.dtype
        compose = COMPOSITIONS[type(self.held)].compose  # not kept, so that the module can be pickled
        y = compose(self.held, *map(wide, given), **{n: wide(v) for n, v in self.leaves.items()})
        return tuple(narrow(output, own) for output in y) if isinstance(y, tuple) else narrow(y, own)

    def checked(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the inputs, None for those left out, if the module takes them; raise what it raises if not."""
        held: Any = self.held
        tensors = tuple(value.tensor if isinstance(value, Variable) else value for value in inputs)
        if isinstance(held, Several):
            held.validate(held.filled(tensors))
            return inputs + (None,) * (len(held.takes) - len(inputs))
        if isinstance(held, framework.Loss):
            held.checked(*counted(self.label(), held.takes, tensors))
        else:
            held.validate(*counted(self.label(), ("x",), tensors))
        return inputs


def wide(value: Any) -> Any:
    """Return a Variable of 16 bits in float32; anything else as it is."""
    if not isinstance(value, Variable):
        return value
    return narrow(value, torch.promote_types(value.tensor.dtype, torch.float32))


def narrow(value: Variable, dtype: torch.dtype) -> Variable:
    """Return a Variable in another format, unless it is in that already."""
    return value if value.tensor.dtype == dtype else value.to(dtype)


class Sequential(Module):
    """Apply modules one after another; a module of the framework among them is put on the tape."""

    def __init__(self, *modules: Any) -> None:
        vars(self).update({str(position): on_tape(module) for position, module in enumerate(modules)})

    @property
    def derived(self) -> tuple[int, ...]:
        first: Module | None = next(iter(vars(self).values()), None)
        return (0,) if first is None else first.derived

    def forward(self, *inputs: Variable) -> Variable:
        for module in vars(self).values():
            inputs = (module(*inputs),)
        (y,) = inputs
        return y


def on_tape(module: Any) -> Module:
    """Return a module of the framework on the tape, by its own backward; one of the tape as it is."""
    if isinstance(module, Module):
        return module
    if isinstance(module, AsLayer):
        return module.module
    if isinstance(module, framework.Sequential):
        return Sequential(*module.children().values())
    if isinstance(module, framework.Module):
        return Fused(module)
    raise TypeError(f"on_tape: module must be a module of the framework or of the tape, was {type(module).__name__}")


def composed(module: Any) -> Module:
    """Return a module of the framework composed of elementary operators; of a Sequential, all its modules so.

    Raises TypeError for one of which there is no composition.
    """
    if isinstance(module, framework.Sequential):
        return Sequential(*(composed(child) for child in module.children().values()))
    return Composed(module)
