"""Leaky rectified linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.module import Layer, Saved


@blocks.pointwise
def leaked(x: Tensor, slope: float, out: Tensor | None = None) -> Tensor:
    if slope == 0:  # 0 · inf would be nan
        return torch.clamp_max(x, 0, out=out).mul_(slope).add_(x.clamp_min(0))
    line = torch.mul(x, slope, out=out)
    return (torch.maximum if slope <= 1 else torch.minimum)(line, x, out=line)


def forward(x: Tensor, slope: float) -> tuple[Tensor, Saved]:
    return leaked(x, slope), (x,)


@blocks.pointwise
def passed(dy: Tensor, x: Tensor, slope: float, out: Tensor | None = None) -> Tensor:
    return masks.one_or(slope, torch.gt, x, 0, out).mul_(dy)


def backward(dy: Tensor, saved: Saved, slope: float) -> Tensor:
    return passed(dy, *saved, slope)


class LeakyReLU(Layer):
    """Pass what is positive, and a fraction of what is negative.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = max(x, 0) + negative_slope · min(x, 0)
    Backward  dx = dy where x > 0, else negative_slope · dy
    Source    Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", eq. 3.
    Raises    ValueError if negative_slope is not finite; TypeError if x is not a floating-point tensor.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = arguments.number(self.label(), "negative_slope", negative_slope)

    def options(self) -> dict[str, object]:
        return {"negative_slope": self.negative_slope}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.negative_slope)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.negative_slope),)
