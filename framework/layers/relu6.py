"""Rectified linear unit that ends at six."""

from torch import Tensor

from framework import arguments
from framework.layers import hardtanh
from framework.module import Layer, Saved


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return hardtanh.forward(x, 0, 6)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return hardtanh.backward(dy, saved, 0, 6)


class ReLU6(Layer):
    """Pass what lies between zero and six, and hold everything else there.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = min(max(x, 0), 6)
    Backward  dx = dy where 0 < x < 6, or x is nan; else 0
    Source    Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10", §2; torch.nn.ReLU6.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
