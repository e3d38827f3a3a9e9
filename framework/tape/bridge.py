"""Between layers and tape: a module of the framework on the tape, and a module of the tape among layers."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

import framework
from framework.arguments import counted
from framework.tape import again, compositions, images
from framework.tape.module import Module
from framework.tape.operators.fused import LayerCall, ModuleCall
from framework.tape.sweep import reachable
from framework.tape.variable import Variable, apply, cotangent

COMPOSITIONS: dict[type[framework.Module], Callable[..., Variable]] = {
    framework.BCELoss: compositions.bce,
    framework.BCEWithLogitsLoss: compositions.bce_with_logits,
    framework.Conv2d: images.conv2d,
    framework.ConvTranspose2d: images.conv_transpose2d,
    framework.CrossEntropyLoss: compositions.cross_entropy,
    framework.Flatten: compositions.flatten,
    framework.LeakyReLU: compositions.leaky_relu,
    framework.Linear: compositions.linear,
    framework.MSELoss: compositions.mse,
    framework.NearestUpsampling: images.nearest_upsampling,
    framework.ReLU: compositions.relu,
    framework.Sigmoid: compositions.sigmoid,
    framework.Softmax: compositions.normalised,
    framework.Tanh: compositions.tanh,
    framework.Upsampling: images.upsampling,
}


class Adopted(Module):
    """A module of the framework on the tape; its parameters are leaves that share its values and gradients."""

    def __init__(self, held: framework.Module) -> None:
        self.held = held
        self.leaves: dict[str, Variable] = {}
        for name, (value, grad) in held.named_parameters().items():
            self.leaves[name] = Variable(value, name=name)
            self.leaves[name].grad = grad

    def walk(self, seen: set[int]) -> Iterator[tuple[str, Variable]]:
        seen.add(id(self))
        yield from self.leaves.items()

    def label(self) -> str:
        return self.held.label()


class Fused(Adopted):
    """The module as one operator, which calls its own forward and backward: the fast road."""

    def __init__(self, held: framework.Module) -> None:
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
    """The module composed of elementary operators, from which the tape finds every derivative: the independent road."""

    def __init__(self, held: framework.Layer | framework.Loss) -> None:
        if type(held) not in COMPOSITIONS:
            known = ", ".join(sorted(kind.__name__ for kind in COMPOSITIONS))
            raise TypeError(f"composed: module must be one of {known}, was {type(held).__name__}")
        for name, plain in compositions.WITHOUT.items() if isinstance(held, framework.Loss) else ():
            value = getattr(held, name, plain)
            if value is not plain and value != plain:
                raise TypeError(f"composed: {type(held).__name__} must be without {name}, but has it")
        super().__init__(held)
        self.validate = held.validate
        self.compose = COMPOSITIONS[type(held)]
        self.names = ("p", "t") if isinstance(held, framework.Loss) else ("x",)

    def forward(self, *inputs: Variable) -> Variable:
        tensors: tuple[Any, ...] = tuple(value.tensor if isinstance(value, Variable) else value for value in inputs)
        self.validate(*counted(self.label(), self.names, tensors))
        return self.compose(self.held, *inputs, **self.leaves)


class Sequential(Module):
    """Apply modules one after another; a module of the framework among them is put on the tape."""

    def __init__(self, *modules: Any) -> None:
        vars(self).update({str(position): on_tape(module) for position, module in enumerate(modules)})

    def forward(self, *inputs: Variable) -> Variable:
        for module in vars(self).values():
            inputs = (module(*inputs),)
        (y,) = inputs
        return y


class AsLayer(framework.Module):
    """A module of the tape in the framework's terms: a forward that records, a backward that sweeps.

    Forward   y  = module(x)
    Backward  dx = the gradient that the sweep leaves at x; the parameters' gradients accumulate
    Raises    TypeError if x is no floating-point tensor; RuntimeError if backward comes before forward.
    """

    def __init__(self, module: Module) -> None:
        super().__init__()
        if not isinstance(module, Module):
            raise TypeError(
                f"{self.label()}: module must be a module of the tape, was {type(module).__name__}; "
                f"framework.tape.on_tape makes one of a module of the framework"
            )
        self.module = module
        named = module.named_params()
        self._parameters = dict(zip(named, module.param(), strict=True))
        self._call: tuple[Variable, Variable] | None = None

    def forward(self, *inputs: Tensor) -> Tensor:
        if not inputs:
            raise TypeError(f"{self.module.label()}: forward must be given at least one input, was given none")
        x, *rest = inputs
        leaf: Any = Variable(x, name="x") if isinstance(x, Tensor) and x.is_floating_point() else x
        y = self.module(leaf, *rest)
        if not isinstance(leaf, Variable):
            raise TypeError(f"{self.module.label()}: x must be a floating-point tensor, was {type(x).__name__}")
        self._call = leaf, y
        return y.tensor

    def backward(self, dy: Tensor | None = None) -> Tensor:
        """Return dL/dx for the last forward; without dy, for dy = 1 at an output of a single element."""
        if self._call is None:
            raise RuntimeError(f"{self.module.label()}: backward must follow a forward, but none was called")
        x, y = self._call
        dy = cotangent(self.module.label(), y.tensor, dy)
        x.grad = None
        y.backward(dy)
        dx = x.grad
        return torch.zeros_like(x.tensor) if dx is None else dx

    def second(self, dy: Tensor | None, v: Tensor) -> dict[str, Tensor]:
        """Return the gradients of Σ dx v for the last forward, by x, by dy, and by every parameter's name.

        Raises RuntimeError if there was no forward, or an operator of it cannot be differentiated twice.
        """
        if self._call is None:
            raise RuntimeError(f"{self.module.label()}: second must follow a forward, but none was called")
        x, y = self._call
        leaves = {"x": x, "dy": Variable(cotangent(self.module.label(), y.tensor, dy)), **self.module.named_params()}
        (dx,) = again.grad(y, [x], leaves["dy"])
        found = again.grad((dx * v).sum(), [*leaves.values()])
        return {name: value.tensor for name, value in zip(leaves, found, strict=True)}

    @property
    def saved(self) -> tuple[Tensor, ...]:
        """The tensors that the graph of the last forward keeps for backward; empty where there is none."""
        root = None if self._call is None else self._call[1].grad_op
        return () if root is None else tuple(value for node in reachable(root) for value in node.tensors())

    def forget(self) -> None:
        self._call = None
        super().forget()

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_call": None}


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
