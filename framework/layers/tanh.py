"""Hyperbolic tangent."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import tanh
from framework.module import Layer, Saved


@blocks.pointwise
def squashed(x: Tensor, out: Tensor | None = None) -> Tensor:
    return tanh(x, out)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    y = squashed(x)
    return y, (y,)


@blocks.pointwise
def sloped(dy: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.addcmul(y.new_ones(()), y, y, value=-1, out=out).mul_(dy)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class Tanh(Layer):
    """Squash every element into (-1, 1).

    Shapes    x, dx, y, dy  (*)
    Forward   y  = tanh(x)
    Backward  dx = (1 - y²) dy
    Source    LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", §4.4.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
