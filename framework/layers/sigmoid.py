"""Logistic function."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.module import Layer, Saved


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    y = x.sigmoid()
    return y, (y,)


@blocks.pointwise
def sloped(dy: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.sub(y.new_ones(()), y, out=out).mul_(y).mul_(dy)  # not y - y², which cancels where y is near 1


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class Sigmoid(Layer):
    """Squash every element into (0, 1).

    Shapes    x, dx, y, dy  (*)
    Forward   y  = 1 / (1 + exp(-x))
    Backward  dx = (1 - y) y dy
    Source    Rumelhart, Hinton & Williams 1986, eq. 2 and the line after eq. 5.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
