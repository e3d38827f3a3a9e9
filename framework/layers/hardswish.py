"""Sigmoid-weighted linear unit of straight lines."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.layers import hardsigmoid
from framework.layers.hardsigmoid import REACH
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def weighed(x: Tensor, out: Tensor | None = None) -> Tensor:
    return hardsigmoid.share(wide(x), out=out).mul_(x).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return weighed(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    s = torch.clamp(wide(x), -REACH, REACH, out=out).div_(REACH)
    beyond = s.square().floor_()  # 1 where s is -1 or 1, so that s / 2 is taken off
    return s.addcmul_(s, beyond, value=-0.5).add_(0.5).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


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
