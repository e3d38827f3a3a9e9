"""Logarithm of the normalised exponential."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor, dim: int) -> tuple[Tensor, Saved]:
    if x.numel() == 0:
        y = wide(x).clone()  # the maximum over no elements does not exist
    else:
        y = wide(x) - wide(x).amax(dim, keepdim=True)
        y.sub_(y.exp().sum(dim, keepdim=True).log_())
    return y.to(x.dtype), (y,)


def backward(dy: Tensor, saved: Saved, dim: int) -> Tensor:
    (y,) = saved
    return y.exp().mul_(wide(dy).sum(dim, keepdim=True)).neg_().add_(dy).to(dy.dtype)


class LogSoftmax(Layer):
    """Turn scores along one axis into logarithms of probabilities.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x - max x - log Σ exp(x - max x), maximum and sum along dim
    Backward  dx = dy - exp(y) Σ dy, sum along dim
    Source    Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs", eq. 4, in
              logarithms; torch.nn.LogSoftmax.
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
