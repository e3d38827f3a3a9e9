"""Slices of a tensor read by their numbers, and slices summed by their numbers. The adjoint of either is the other.

Source    docs/derivations.md, The tape.
"""

from typing import Any

import torch
from torch import Tensor

from framework.sums import add_slices
from framework.tape.operators.adjoint import Adjoint
from framework.tape.operators.operator import Gradients, GradOperator


def summed(slices: Tensor, dim: int, index: Tensor, count: int) -> Tensor:
    """Return the sum of the slices of each number, `count` of them; 16-bit formats are summed in float32."""
    shape = [count if axis == dim else extent for axis, extent in enumerate(slices.shape)]
    total = slices.new_zeros(shape, dtype=torch.promote_types(slices.dtype, torch.float32))
    return add_slices(total, dim, index, slices.to(total.dtype)).to(slices.dtype)


class IndexSelect(GradOperator):
    """y = the slices of x along an axis that index numbers;  dx = Σ dy over the places that read the slice."""

    __slots__ = ("dim", "extent", "index")
    name = "index_select"

    def forward(self, x: Tensor, dim: int, index: Tensor) -> Tensor:
        self.dim, self.extent, self.index = dim % x.dim(), x.shape[dim], index
        return x.index_select(dim, index)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (Added.of(dy, self.dim, self.index, self.extent),)


class Added(Adjoint):
    """The adjoint of index_select: what was read from one slice is added up there."""

    __slots__ = ()

    @staticmethod
    def compute(dy: Tensor, *options: Any) -> Tensor:
        return summed(dy, *options)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.index_select(*self.options[:2]),)


class IndexSum(GradOperator):
    """y = Σ of the slices of x along an axis that have the same number in index, of every number below `count`.

    dx = dy at the number of the slice.
    """

    __slots__ = ("dim", "index")
    name = "index_sum"

    def forward(self, x: Tensor, dim: int, index: Tensor, count: int) -> Tensor:
        self.dim, self.index = dim % x.dim(), index
        return summed(x, self.dim, index, count)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.index_select(self.dim, self.index),)
