"""Exponential linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.exponential import exp_
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def bent(x: Tensor, alpha: float, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    below = torch.clamp_max(values, 0, out=out).expm1_()
    if alpha == 1:
        return torch.maximum(below, values, out=below).to(x.dtype)  # exp(x) - 1 is nowhere below x
    return below.mul_(alpha).add_(values.clamp_min(0)).to(x.dtype)  # one of the two is 0


def forward(x: Tensor, alpha: float) -> tuple[Tensor, Saved]:
    return bent(x, alpha), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, alpha: float, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    slope = exp_(torch.clamp_max(values, 0, out=out))  # 1 where x is positive
    if alpha != 1:
        slope.mul_(masks.one_or(alpha, torch.gt, values, 0))
    return slope.mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved, alpha: float) -> Tensor:
    return sloped(dy, *saved, alpha)


class ELU(Layer):
    """Pass what is positive, and bend what is negative towards -alpha.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x where x > 0, else alpha (exp(x) - 1)
    Backward  dx = dy where x > 0, else alpha exp(x) dy
    Source    Clevert, Unterthiner & Hochreiter 2016, "Fast and accurate deep network learning by exponential linear
              units (ELUs)", eq. 15; torch.nn.ELU.
    Raises    TypeError if alpha is no number or x no floating-point tensor; ValueError if alpha is not finite.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = arguments.number(self.label(), "alpha", alpha)

    def options(self) -> dict[str, object]:
        return {"alpha": self.alpha}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.alpha)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.alpha),)
