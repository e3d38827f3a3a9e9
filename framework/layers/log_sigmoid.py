"""Logarithm of the logistic function."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp_
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def log_share(x: Tensor, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    curve = exp_(torch.abs(values, out=out), -1).log1p_()
    return torch.sub(values.clamp_max(0), curve, out=curve).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return log_share(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.neg(wide(x), out=out).sigmoid_().mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class LogSigmoid(Layer):
    """Take the logarithm of the sigmoid, in a form that no exponential overflows.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))
    Backward  dx = sigmoid(-x) dy
    Source    torch.nn.LogSigmoid.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
