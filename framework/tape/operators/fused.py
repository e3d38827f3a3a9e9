"""Operators that call the pair of functions of a layer's own file: one formula, one place, and one node a layer."""

from typing import Any, TypeVar

from torch import Tensor

from framework.layers import relu, sigmoid, tanh
from framework.module import Layer, Module
from framework.tape.operators.operator import CONSTANT, OUTPUT, Gradients, GradOperator

Some = TypeVar("Some", bound=Module)


class FusedRelu(GradOperator):
    """As the layer ReLU."""

    __slots__ = ()
    keeps = (CONSTANT,)
    name = "relu"

    def forward(self, x: Tensor) -> Tensor:
        y, saved = relu.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        if isinstance(dy, Tensor):
            return (relu.backward(dy, self.recall()),)
        (y,) = self.recall()  # Variables have none of the operations in place that the layer saves memory by
        return (dy.masked_fill(y <= 0, 0),)


class FusedTanh(GradOperator):
    """As the layer Tanh."""

    __slots__ = ()
    keeps = (OUTPUT,)
    name = "tanh"

    def forward(self, x: Tensor) -> Tensor:
        y, saved = tanh.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        if isinstance(dy, Tensor):
            return (tanh.backward(dy, self.recall()),)
        (y,) = self.recall()  # Variables have none of the operations in place that the layer saves memory by
        return (dy * (1 - y * y),)


class FusedSigmoid(GradOperator):
    """As the layer Sigmoid."""

    __slots__ = ()
    keeps = (OUTPUT,)
    name = "sigmoid"

    def forward(self, x: Tensor) -> Tensor:
        y, saved = sigmoid.forward(x)
        self.save(*saved)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        if isinstance(dy, Tensor):
            return (sigmoid.backward(dy, self.recall()),)
        (y,) = self.recall()  # Variables have none of the operations in place that the layer saves memory by
        return (dy * ((1 - y) * y),)


def twin(module: Some, made: dict[int, Any] | None = None) -> Some:
    """Return a copy that shares every tensor with `module`, but holds the memory of its last forward for itself.

    made  the copies of modules made so far, by the identity of the originals: each is copied once.
    """
    made = {} if made is None else made
    if id(module) not in made:
        made[id(module)] = other = object.__new__(type(module))
        other.__dict__.update({name: twin_of(value, made) for name, value in module.__dict__.items()})
    copied: Some = made[id(module)]
    return copied


def twin_of(value: Any, made: dict[int, Any]) -> Any:
    kind = type(value)
    if kind is list or kind is tuple:
        return kind([twin_of(item, made) for item in value])
    if kind is dict:
        return {name: twin_of(item, made) for name, item in value.items()}
    return twin(value, made) if isinstance(value, Module) else value


class LayerCall(GradOperator):
    """One call of a Layer without modules inside; the operands are x and its parameters.

    The call is that of a twin, which is kept here with its memory: the layer itself is left as it was.
    """

    __slots__ = ("layer",)
    keeps = None
    explains = True

    def forward(self, *operands: Any) -> Tensor:
        layer: Layer = operands[-1]
        self.layer = object.__new__(type(layer))
        self.layer.__dict__.update(layer.__dict__)
        return self.layer.forward(operands[0])

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the tensors that the layer keeps."""
        return self.layer.saved

    def pass_grad(self, dy: Tensor) -> Gradients:
        return self.layer.gradients(dy)


class ModuleCall(GradOperator):
    """One call of any other module of the framework, by a twin; its own backward adds to its parameters' gradients."""

    __slots__ = ("module", "parameters")
    keeps = None
    explains = True

    def forward(self, *operands: Any) -> Tensor:
        *inputs, self.parameters, module = operands
        self.module: Module = twin(module)
        y: Tensor = self.module(*inputs[: len(inputs) - self.parameters])
        return y

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the tensors that the module keeps, if it shows them."""
        return getattr(self.module, "saved", ())

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (self.module.backward(dy), *[None] * (len(self.children) - 1))
