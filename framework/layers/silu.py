"""Sigmoid-weighted linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def weighed(x: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.sigmoid(wide(x), out=out).mul_(x).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return weighed(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    one, s = values.new_ones(()), values.sigmoid()
    rest = torch.sub(one, s, out=out)
    return torch.addcmul(one, values, rest, out=rest).mul_(s).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class SiLU(Layer):
    """Weigh every element by its own sigmoid.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x s;  s = sigmoid(x)
    Backward  dx = s (1 + x (1 - s)) dy
    Source    Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units for neural network function approximation in
              reinforcement learning", eq. 4; torch.nn.SiLU.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
