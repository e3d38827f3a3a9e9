"""Gaussian error linear unit."""

from math import pi, sqrt

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp_
from framework.module import Layer, Saved
from framework.precision import wide

TAIL = 32.0  # beyond, φ of the tanh form is 0 in every format; the slope of its cubic, held here, stays finite
CUBIC, SCALE = 0.044715, sqrt(8 / pi)


def cumulative(x: Tensor, approximate: str, out: Tensor | None = None) -> Tensor:
    if approximate == "none":
        return torch.mul(x, -sqrt(0.5), out=out).erfc_().mul_(0.5)  # not (1 + erf) / 2, which cancels where x < 0
    return torch.square(x, out=out).mul_(CUBIC).add_(1).mul_(x).mul_(SCALE).sigmoid_()


def density(x: Tensor, below: Tensor, approximate: str) -> Tensor:
    if approximate == "none":
        return exp_(x.square(), -0.5).mul_(1 / sqrt(2 * pi))
    slope = x.clamp(-TAIL, TAIL).square_().mul_(3 * CUBIC).add_(1).mul_(SCALE)
    return slope.mul_(below).mul_(cumulative(-x, approximate))


@blocks.pointwise
def weighed(x: Tensor, approximate: str, out: Tensor | None = None) -> Tensor:
    return cumulative(wide(x), approximate, out).mul_(x).to(x.dtype)


def forward(x: Tensor, approximate: str) -> tuple[Tensor, Saved]:
    return weighed(x, approximate), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, approximate: str, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    below = cumulative(values, approximate, out)
    return below.addcmul_(values, density(values, below, approximate)).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved, approximate: str) -> Tensor:
    return sloped(dy, *saved, approximate)


class GELU(Layer):
    """Weigh every element by the chance that a standard normal draw lies below it.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x Φ(x);  Φ(x) = erfc(-x / √2) / 2, or for approximate = tanh
              Φ(x) = (1 + tanh u) / 2 = sigmoid(2u), 2u = √(8/π) (x + 0.044715 x³)
    Backward  dx = (Φ(x) + x φ(x)) dy;  φ(x) = dΦ/dx = exp(-x² / 2) / √(2π), or for approximate = tanh
              φ(x) = √(8/π) (1 + 3 · 0.044715 x²) Φ(x) Φ(-x)
    Source    Hendrycks & Gimpel 2016, "Gaussian error linear units (GELUs)", §2; torch.nn.GELU.
    Raises    ValueError if approximate is neither none nor tanh; TypeError if x is not a floating-point tensor.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = arguments.choice(self.label(), "approximate", approximate, ("none", "tanh"))

    def options(self) -> dict[str, object]:
        return {"approximate": self.approximate}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.approximate)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.approximate),)
