"""What the hyperbolic tangent leaves."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.layers.tanh import squashed
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    t = squashed(wide(x))
    return (x - t).to(x.dtype), (t,)


@blocks.pointwise
def sloped(dy: Tensor, t: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.square(t, out=out).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class Tanhshrink(Layer):
    """Take the hyperbolic tangent away from every element.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x - tanh(x)
    Backward  dx = tanh(x)² dy
    Source    torch.nn.Tanhshrink.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
