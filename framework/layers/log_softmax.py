"""Logarithm of the normalised exponential."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.rowwise
def log_shares(x: Tensor, dim: int, out: Tensor | None = None) -> Tensor:
    y = torch.sub(x, x.amax(dim, keepdim=True), out=out)
    return y.sub_(exp(y).sum(dim, keepdim=True).log_())


def forward(x: Tensor, dim: int) -> tuple[Tensor, Saved]:
    y = log_shares(wide(x), dim) if x.numel() else wide(x).clone()  # the maximum over no elements does not exist
    return y.to(x.dtype), (y,)


@blocks.rowwise
def pulled(dy: Tensor, y: Tensor, dim: int, out: Tensor | None = None) -> Tensor:
    shares = exp(y, out=out)
    return torch.addcmul(wide(dy), shares, wide(dy).sum(dim, keepdim=True), value=-1, out=shares).to(dy.dtype)


def backward(dy: Tensor, saved: Saved, dim: int) -> Tensor:
    return pulled(dy, *saved, dim)


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
