"""Rectified linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.module import Layer, Saved


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    y = x.clamp_min(0)
    return y, (y,)


@blocks.pointwise
def passed(dy: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    if y.numel() < blocks.FEW:
        return dy.masked_fill(y.logical_not(), 0)  # y is 0 where x <= 0
    return masks.kept(dy, masks.unless(torch.le, y, 0, out))


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return passed(dy, *saved)


class ReLU(Layer):
    """Pass what is positive, and nothing else.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = max(x, 0)
    Backward  dx = dy where y > 0, else 0: the derivative at 0 is taken as 0; where y is nan, dx = dy
    Source    Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines", §2.1; torch.nn.ReLU.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
