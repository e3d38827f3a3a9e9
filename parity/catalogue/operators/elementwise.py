"""Functions of each element alone."""

import torch
from torch import Tensor

from parity.catalogue.operators.method import REFUSALS, case, page
from parity.catalogue.page import Case, Page

X = (5, 4, 3)


class Thither(torch.nn.Module):
    """y = x, in float64 on its way."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x from there."""
        return x.to(torch.float64).to(x.dtype)


PAGES = (
    page(case("plain", "neg", X, widely=True)),
    page(case("plain", "exp", X, widely=True)),
    page(case("plain", "expm1", X, widely=True)),
    page(case("plain", "log", X, widely=True)),
    page(case("plain", "log1p", X, widely=True)),
    page(case("plain", "sqrt", X, widely=True)),
    page(case("plain", "abs", X, widely=True)),
    page(
        case("both", "clamp", X, -0.5, 0.75),
        case("low", "clamp", X, min=0.0, widely=True),
        case("high", "clamp", X, max=0.25),
    ),
    page(case("plain", "relu", X, widely=True)),
    page(case("plain", "tanh", X)),
    page(case("plain", "sigmoid", X)),
    page(case("plain", "erfc", X)),
    Page("Tensor.to", Thither, (Case("wider", x=X, widely=True),), REFUSALS, multilinear=True),
)
