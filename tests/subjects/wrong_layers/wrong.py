"""Ten layers with one mistake each. Which of them is built is named by the variable WRONG of the environment."""

import os

import torch
from layers import Layer, Softmax, build

from parity.subjects.adapters import Library


class BatchAveragedBias(Layer):
    def derivatives(self, dy, module=None):
        dx, grads = super().derivatives(dy, module)
        return dx, grads | {"bias": grads["bias"] / len(dy)} if "bias" in grads else grads


class KernelNotTransposed(Layer):
    """dx by a kernel whose two axes of channels are read one for the other: the same numbers only where C = O."""

    def derivatives(self, dy, module=None):
        _, grads = super().derivatives(dy, module)
        read = build("Conv2d", options(self.module)).module.to(dy)
        weight = self.module.weight.data
        read.weight.data = weight.transpose(0, 1).reshape(weight.shape)
        return super().derivatives(dy, read)[0], grads


class PaddingTimesStride(Layer):
    """dx cut out of the padded image at padding x stride in place of padding."""

    def derivatives(self, dy, module=None):
        dx, grads = super().derivatives(dy, module)
        (p, q), (s, r) = self.module.padding, self.module.stride
        padded, plain = torch.nn.functional.pad(self.inputs[0], (q, q, p, p)), options(self.module)
        inner = build("Conv2d", plain | {"padding": 0}).module.to(dy)
        inner.load_state_dict(self.module.state_dict())
        given, self.inputs = self.inputs, (padded,)
        whole = super().derivatives(dy, inner)[0]
        self.inputs = given
        wrong, cut = torch.zeros_like(dx), whole[:, :, p * s :, q * r :][:, :, : dx.shape[2], : dx.shape[3]]
        wrong[:, :, : cut.shape[2], : cut.shape[3]] = cut
        return wrong, grads


class InPlaceReLU(Layer):
    def forward(self, x):
        return super().forward(x.clamp_(min=0))


class MomentumAliasesGradient(Layer):
    """The velocity of an optimiser with momentum 0.9 is the memory of the gradient itself."""

    def backward(self, dy):
        for velocity in self.grads.values():
            velocity *= 0.9
        return super().backward(dy)


class DerivativeAtCotangent(Layer):
    def backward(self, dy):
        super().backward(dy)
        return torch.sigmoid(dy) * (1 - torch.sigmoid(dy)) * dy


class MaxOverWrongAxis(Softmax):
    axis_of_max = staticmethod(lambda dim: 0 if dim else 1)


class LossDividedByBatch(Layer):
    def derivatives(self, dy, module=None):
        dx, grads = super().derivatives(dy, module)
        return dx / max(1, len(dx)), grads


class GradientOverwritten(Layer):
    def backward(self, dy):
        self.zero_grad()
        return super().backward(dy)


class GroupsMixed(Layer):
    """The gradients of the groups' kernels in reverse order."""

    def derivatives(self, dy, module=None):
        dx, grads = super().derivatives(dy, module)
        parts = grads["weight"].chunk(self.module.groups)
        return dx, grads | {"weight": torch.cat(parts[::-1])}


def options(module):
    """Return the options that a convolution was built with."""
    names = "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups"
    return {name: getattr(module, name) for name in names} | {"bias": module.bias is not None}


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
