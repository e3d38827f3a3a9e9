"""Maps that move, copy and pick elements."""

import torch
from torch import Tensor

from parity.catalogue.operators.method import REFUSALS, case, page
from parity.catalogue.page import Case, Page, Shape

X = (5, 4, 3)


class Concatenation(torch.nn.Module):
    """y = x, a parameter, and x again, along one axis."""

    def __init__(self, other: Shape, dim: int) -> None:
        super().__init__()
        self.other, self.dim = torch.nn.Parameter(torch.ones(other)), dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the three, one after the other."""
        return torch.cat([x, self.other, x], self.dim)


PAGES = (
    page(
        case("flat", "reshape", X, -1),
        case("pair", "reshape", X, (10, 6)),
        case("kept", "reshape", X, -1, 3, 4, widely=True),
        multilinear=True,
    ),
    page(case("axes", "transpose", X, 1, 2, widely=True), case("negative", "transpose", X, -1, 0), multilinear=True),
    page(case("axes", "permute", X, 0, 2, 1, widely=True), case("cycle", "permute", X, (2, 0, 1)), multilinear=True),
    page(
        case("axis", "expand", (5, 1, 3), -1, 4, 3, widely=True),
        case("new-axis", "expand", (4, 1), 2, 4, 3),
        multilinear=True,
    ),
    page(
        case("axis", "repeat", X, 1, 2, 3, widely=True),
        case("new-axis", "repeat", (4, 3), 2, 1, 3),
        multilinear=True,
    ),
    page(case("axis", "flip", X, (1,), widely=True), case("two", "flip", X, (0, 2)), multilinear=True),
    page(
        case("apart", "unfold", (3, 8), 1, 2, 3),
        case("overlapping", "unfold", (3, 9), 1, 4, 2, widely=True),
        case("middle", "unfold", (2, 7, 3), 1, 3, 1),
        case("all", "unfold", (3, 5), -1, 5, 1),
        multilinear=True,
    ),
    page(
        case("slice", "__getitem__", X, (slice(None), slice(1, None, 2)), widely=True),
        case("number", "__getitem__", X, 2),
        case("negative", "__getitem__", X, (Ellipsis, -1)),
        case("new-axis", "__getitem__", X, (slice(None), None, 1)),
        case("list-twice", "__getitem__", X, torch.tensor([3, 0, 3, -1])),
        case("two-lists", "__getitem__", X, (torch.tensor([0, 4, 0]), torch.tensor([1, 3, 1]))),
        case("mask", "__getitem__", (4, 3), torch.tensor([True, False, True, True])),
        multilinear=True,
    ),
    page(
        case("rows", "gather", (3, 4), 1, torch.tensor([[0, 1], [3, 3], [2, 0]])),
        case("columns", "gather", (3, 4), 0, torch.tensor([[2, 0, 0, 1]])),
        multilinear=True,
        refused=False,
    ),
    Page(
        "Tensor.cat",
        Concatenation,
        (
            Case("columns", x=(5, 2), options={"other": (5, 3), "dim": 1}),
            Case("rows", x=(5, 2), options={"other": (4, 2), "dim": 0}),
            Case("last", x=(3, 2, 4), options={"other": (3, 2, 1), "dim": -1}),
        ),
        REFUSALS,
        multilinear=True,
    ),
)
