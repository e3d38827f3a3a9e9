"""Exponential linear unit."""

import torch
from torch import Tensor

from framework import arguments, masks
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor, alpha: float) -> tuple[Tensor, Saved]:
    values = wide(x)
    below = values.clamp_max(0).expm1_().mul_(alpha)
    return below.add_(values.clamp_min(0)).to(x.dtype), (x,)  # one of the two is 0


def backward(dy: Tensor, saved: Saved, alpha: float) -> Tensor:
    x = wide(saved[0])
    below = x.clamp_max(0).exp_().mul_(alpha).mul_(dy)
    return masks.either(masks.where(torch.gt, x, 0), wide(dy), below).to(dy.dtype)


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
