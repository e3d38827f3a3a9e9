"""Ten layers with one mistake each. Which of them is built is named by the variable WRONG of the environment."""

import os

import torch
from layers import Layer, MaxOverAxis, build

from parity.subjects.adapters import Library


class BatchAveragedBias(Layer):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad("bias").div_(len(dy))
        return dx


class KernelNotTransposed(Layer):
    """dx by a kernel whose channels are read in the wrong order: the same numbers only where C = O."""

    def backward(self, dy):
        weight = self.module.weight
        right = weight.clone()
        weight.copy_(right.reshape(weight.shape[1], weight.shape[0], *weight.shape[2:]).transpose(0, 1))
        self.module.forward(self.x)
        dx = super().backward(dy)
        weight.copy_(right)
        self.module.forward(self.x)
        return dx


class PaddingTimesStride(Layer):
    """dx shifted as if the padding were multiplied by the stride."""

    def backward(self, dy):
        dx = super().backward(dy)
        laid = self.module.geometry
        shift = [p * (s - 1) for p, s in zip(laid.padding, laid.stride, strict=True)]
        return torch.roll(dx, shift, (2, 3))


class InPlaceReLU(Layer):
    def forward(self, x):
        return super().forward(x.clamp_(min=0))


class MomentumAliasesGradient(Layer):
    """After a step of the optimiser the buffer of momentum is the gradient itself, and cleared gradients come back."""

    def zero_grad(self):
        for _, grad in self.param():
            grad.mul_(0.9)


class DerivativeAtCotangent(Layer):
    def backward(self, dy):
        return torch.sigmoid(dy) * (1 - torch.sigmoid(dy)) * dy


class MaxOverWrongAxis(MaxOverAxis):
    axis_of_max = staticmethod(lambda dim: 0 if dim else 1)


class LossDividedByBatch(Layer):
    def backward(self, dy):
        return super().backward(dy) / len(self.x)


class GradientOverwritten(Layer):
    def backward(self, dy):
        self.zero_grad()
        return super().backward(dy)


class GroupsMixed(Layer):
    """The gradients of the groups' kernels in reverse order."""

    def backward(self, dy):
        dx = super().backward(dy)
        grad = self.grad("weight")
        parts = grad.chunk(self.module.geometry.groups)
        grad.copy_(torch.cat(parts[::-1]))
        return dx


WRONG = {
    "batch-averaged db": ("Linear", BatchAveragedBias),
    "kernel not transposed": ("Conv2d", KernelNotTransposed),
    "padding x stride mixed": ("Conv2d", PaddingTimesStride),
    "in-place ReLU": ("ReLU", InPlaceReLU),
    "momentum aliases gradient": ("Linear", MomentumAliasesGradient),
    "derivative at the cotangent": ("Sigmoid", DerivativeAtCotangent),
    "max over the wrong axis": ("Softmax", MaxOverWrongAxis),
    "loss divided by batch": ("MSELoss", LossDividedByBatch),
    "gradient overwritten": ("Linear", GradientOverwritten),
    "groups mixed": ("Conv2d", GroupsMixed),
}

module, wrapper = WRONG[os.environ["WRONG"]]
subject = Library("wrong", {module: lambda **options: build(module, options, wrapper)})
