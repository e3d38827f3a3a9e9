"""Sign that changes smoothly."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def squashed(x: Tensor, out: Tensor | None = None) -> Tensor:
    size = torch.abs(wide(x), out=out).add_(1)
    return torch.div(wide(x), size, out=size).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return squashed(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    size = wide(x).abs().add_(1)
    return torch.div(wide(dy), size, out=out).div_(size).to(dy.dtype)  # not by the square, which overflows


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class Softsign(Layer):
    """Squash every element into (-1, 1), with tails that fall off as slowly as 1 / x.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x / (1 + |x|), which is nan where x is infinite
    Backward  dx = dy / (1 + |x|)²
    Source    Bergstra, Desjardins, Lamblin & Bengio 2009, "Quadratic polynomials learn better image features",
              technical report 1337, Université de Montréal; torch.nn.Softsign.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
