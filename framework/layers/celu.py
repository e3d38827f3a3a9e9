"""Continuously differentiable exponential linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp_
from framework.module import Layer, Saved
from framework.precision import wide

TINY = 2.0**-126  # the least alpha: float32 cannot divide by less


def scaled(x: Tensor, alpha: float, out: Tensor | None = None) -> Tensor:
    """Return min(x / alpha, 0)."""
    return torch.clamp_max(x, 0, out=out) if alpha == 1 else torch.div(x, alpha, out=out).clamp_max_(0)


@blocks.pointwise
def bent(x: Tensor, alpha: float, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    below = scaled(values, alpha, out).expm1_()
    return torch.maximum(below if alpha == 1 else below.mul_(alpha), values, out=below).to(x.dtype)  # never below x


def forward(x: Tensor, alpha: float) -> tuple[Tensor, Saved]:
    return bent(x, alpha), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, alpha: float, out: Tensor | None = None) -> Tensor:
    return exp_(scaled(wide(x), alpha, out)).mul_(dy).to(dy.dtype)  # the exponential is 1 where x is positive


def backward(dy: Tensor, saved: Saved, alpha: float) -> Tensor:
    return sloped(dy, *saved, alpha)


class CELU(Layer):
    """Pass what is positive, and bend what is negative towards -alpha, with the slope 1 at zero whatever alpha is.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x where x > 0, else alpha (exp(x / alpha) - 1)
    Backward  dx = dy where x > 0, else exp(x / alpha) dy
    Source    Barron 2017, "Continuously differentiable exponential linear units", eq. 2; torch.nn.CELU.
    Raises    TypeError if alpha is no number or x no floating-point tensor; ValueError if alpha is not finite and
              positive.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = arguments.number(self.label(), "alpha", alpha, least=TINY)

    def options(self) -> dict[str, object]:
        return {"alpha": self.alpha}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.alpha)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.alpha),)
