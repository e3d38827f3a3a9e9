"""Operators that call the pair of functions of a layer's own file: one formula, one place, and one node a layer."""

from typing import Any, TypeVar

from torch import Tensor

from framework.layers import relu, sigmoid, tanh
from framework.module import Differentiable, Layer, Module
from framework.tape.operator import Gradients, GradOperator

Some = TypeVar("Some", bound=Module)


class Relu(GradOperator):
    """As the layer ReLU."""

    __slots__ = ()

    def forward(self, x: Tensor) -> Tensor:
        y, saved = relu.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (relu.backward(dy, self.recall()),)


class Tanh(GradOperator):
    """As the layer Tanh."""

    __slots__ = ()

    def forward(self, x: Tensor) -> Tensor:
        y, saved = tanh.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (tanh.backward(dy, self.recall()),)


class Sigmoid(GradOperator):
    """As the layer Sigmoid."""

    __slots__ = ()

    def forward(self, x: Tensor) -> Tensor:
        y, saved = sigmoid.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (sigmoid.backward(dy, self.recall()),)


def twin(module: Some) -> Some:
    """Return a copy that shares every tensor with `module`, but holds the memory of its last forward for itself."""
    other = object.__new__(type(module))
    held = module.__dict__
    other.__dict__.update({name: twin_of(value) for name, value in held.items()} if module.children() else held)
    return other


def twin_of(value: Any) -> Any:
    if isinstance(value, Module):
        return twin(value)
    if type(value) in (list, tuple):
        return type(value)([twin_of(item) for item in value])
    if type(value) is dict:
        return {name: twin_of(item) for name, item in value.items()}
    return value


def forget(module: Module) -> None:
    """Drop the memory of the last forward, here and in the modules inside."""
    if isinstance(module, Differentiable):
        module._memory = None
    for child in module.children().values():
        forget(child)


class LayerCall(GradOperator):
    """One call of a Layer, with the operands x and its parameters; its memory is the operator's, not the layer's."""

    __slots__ = ("layer",)

    def forward(self, *operands: Any) -> Tensor:
        layer: Layer = operands[-1]
        y = layer.forward(operands[0])
        self.layer = twin(layer)
        layer._memory = None
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return self.layer.differentiate(dy, self.layer.recall(dy))


class ModuleCall(GradOperator):
    """One call of any other module of the framework; its own backward adds to the gradients of its parameters."""

    __slots__ = ("module", "parameters")

    def forward(self, *operands: Any) -> Tensor:
        *inputs, self.parameters, module = operands
        y: Tensor = module(*inputs[: len(inputs) - self.parameters])
        self.module: Module = twin(module)
        forget(module)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (self.module.backward(dy), *[None] * (len(self.children) - 1))
