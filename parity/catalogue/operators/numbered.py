"""Slices read by their numbers, and summed by their numbers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from parity.catalogue.operators.method import REFUSALS
from parity.catalogue.page import Case, Page

X = (5, 4, 3)


class ReadByNumber(torch.nn.Module):
    """y = the slices of x that index numbers, along one axis."""

    def __init__(self, dim: int, index: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.index = dim, tuple(index)

    def forward(self, x: Tensor) -> Tensor:
        """Return the slices."""
        return x.index_select(self.dim, torch.tensor(self.index, device=x.device))


class SumByNumber(torch.nn.Module):
    """y = the sums of the slices of x that have the same number in index, along one axis."""

    def __init__(self, dim: int, index: Sequence[int], count: int) -> None:
        super().__init__()
        self.dim, self.index, self.count = dim, tuple(index), count

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums."""
        shape = [self.count if axis == self.dim % x.dim() else extent for axis, extent in enumerate(x.shape)]
        return x.new_zeros(shape).index_add(self.dim, torch.tensor(self.index, device=x.device), x)


PAGES = (
    Page(
        "Tensor.index_select",
        ReadByNumber,
        (
            Case("middle", x=X, options={"dim": 1, "index": (3, 0, 3, 3)}, widely=True),
            Case("last", x=X, options={"dim": -1, "index": (2, 0)}),
        ),
        REFUSALS,
        multilinear=True,
    ),
    Page(
        "Tensor.index_sum",
        SumByNumber,
        (
            Case("middle", x=X, options={"dim": 1, "index": (3, 0, 3, 3), "count": 5}, widely=True),
            Case("last", x=X, options={"dim": -1, "index": (1, 2, 1), "count": 3}),
        ),
        REFUSALS,
        multilinear=True,
    ),
)
