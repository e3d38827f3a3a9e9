"""Normalised exponential."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved


def forward(x: Tensor, dim: int) -> tuple[Tensor, Saved]:
    if x.numel() == 0:
        y = x.clone()  # the maximum over no elements does not exist
    else:
        y = (x - x.amax(dim, keepdim=True)).exp_()
        y.div_(y.sum(dim, keepdim=True))
    return y, (y,)


def backward(dy: Tensor, saved: Saved, dim: int) -> Tensor:
    (y,) = saved
    return (dy - (dy * y).sum(dim, keepdim=True)).mul_(y)


class Softmax(Layer):
    """Turn scores along one axis into probabilities.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = exp(x - max x) / Σ exp(x - max x), maximum and sum along dim
    Backward  dx = y (dy - Σ dy y), sum along dim
    Source    Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs", eq. 4.
    Raises    TypeError if dim is no int or x is not floating; ValueError if x has no axis dim.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = arguments.integer(self.label(), "dim", dim)

    def options(self) -> dict[str, object]:
        return {"dim": self.dim}

    def validate(self, x: Tensor) -> None:
        arguments.axis(self.label(), "dim", self.dim, arguments.floating(self.label(), "x", x))

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.dim)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.dim),)
