"""Sigmoid-weighted linear unit of straight lines."""

import torch
from torch import Tensor

from framework import arguments, masks
from framework.layers import hardsigmoid
from framework.layers.hardsigmoid import REACH
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return hardsigmoid.forward(wide(x))[0].mul_(x).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    x = wide(saved[0])
    inside = masks.kept(x.div(REACH).add_(0.5), masks.unless(torch.le, x, -REACH)).mul_(dy)
    return masks.either(masks.where(torch.ge, x, REACH), wide(dy), inside).to(dy.dtype)


class Hardswish(Layer):
    """Weigh every element by the hard sigmoid of it.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x min(max(x + 3, 0), 6) / 6
    Backward  dx = 0 where x <= -3, dy where x >= 3, else (x / 3 + 1 / 2) dy
    Source    Howard et al. 2019, "Searching for MobileNetV3", §5.2; torch.nn.Hardswish.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
