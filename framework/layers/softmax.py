"""Normalised exponential."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp_
from framework.module import Layer, Saved


@blocks.rowwise
def shares(x: Tensor, dim: int, out: Tensor | None = None) -> Tensor:
    y = exp_(torch.sub(x, x.amax(dim, keepdim=True), out=out))
    return y.div_(y.sum(dim, keepdim=True))


def forward(x: Tensor, dim: int) -> tuple[Tensor, Saved]:
    y = shares(x, dim) if x.numel() else x.clone()  # the maximum over no elements does not exist
    return y, (y,)


@blocks.rowwise
def pulled(dy: Tensor, y: Tensor, dim: int, out: Tensor | None = None) -> Tensor:
    products = torch.mul(dy, y, out=out)
    return products.addcmul_(y, products.sum(dim, keepdim=True), value=-1)


def backward(dy: Tensor, saved: Saved, dim: int) -> Tensor:
    return pulled(dy, *saved, dim)


class Softmax(Layer):
    """Turn scores along one axis into probabilities.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = exp(x - max x) / Σ exp(x - max x), maximum and sum along dim
    Backward  dx = dy y - y Σ dy y, sum along dim
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
