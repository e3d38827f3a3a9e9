"""Sigmoid-weighted linear unit."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return wide(x).sigmoid().mul_(x).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    x = wide(saved[0])
    s = x.sigmoid()
    return (1 - s).mul_(x).add_(1).mul_(s).mul_(dy).to(dy.dtype)


class SiLU(Layer):
    """Weigh every element by its own sigmoid.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x s;  s = sigmoid(x)
    Backward  dx = s (1 + x (1 - s)) dy
    Source    Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units for neural network function approximation in
              reinforcement learning", eq. 4; torch.nn.SiLU.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
