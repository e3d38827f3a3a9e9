"""Gaussian error linear unit."""

from math import pi, sqrt

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide

TAIL = 32.0  # beyond, φ of the tanh form is 0 in every format; the slope of its cubic, held here, stays finite
CUBIC, SCALE = 0.044715, sqrt(8 / pi)


def cumulative(x: Tensor, approximate: str) -> Tensor:
    if approximate == "none":
        return x.mul(-sqrt(0.5)).erfc_().mul_(0.5)  # not (1 + erf) / 2, which cancels where x is negative
    return x.square().mul_(CUBIC).add_(1).mul_(x).mul_(SCALE).sigmoid_()


def density(x: Tensor, below: Tensor, approximate: str) -> Tensor:
    if approximate == "none":
        return x.square().mul_(-0.5).exp_().mul_(1 / sqrt(2 * pi))
    slope = x.clamp(-TAIL, TAIL).square_().mul_(3 * CUBIC).add_(1).mul_(SCALE)
    return slope.mul_(below).mul_(cumulative(-x, approximate))


def forward(x: Tensor, approximate: str) -> tuple[Tensor, Saved]:
    return cumulative(wide(x), approximate).mul_(x).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved, approximate: str) -> Tensor:
    x = wide(saved[0])
    below = cumulative(x, approximate)
    return density(x, below, approximate).mul_(x).add_(below).mul_(dy).to(dy.dtype)


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
