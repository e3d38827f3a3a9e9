"""Sums, means and maxima, over some axes or all."""

from parity.catalogue.operators.method import case, page

X = (5, 4, 3)

PAGES = (
    page(
        case("axis", "sum", X, 1, widely=True),
        case("all", "sum", X),
        case("kept", "sum", X, dim=-1, keepdim=True),
        case("two-axes", "sum", X, dim=(0, 2)),
        case("long", "sum", (3, 5000), dim=1),
        multilinear=True,
    ),
    page(
        case("axis", "mean", X, 1, widely=True),
        case("all", "mean", X),
        case("kept", "mean", X, dim=-1, keepdim=True),
        case("two-axes", "mean", X, dim=(0, 2)),
    ),
    page(
        case("axis", "amax", X, 1, widely=True),
        case("ties", "amax", X, dim=(1, 2), keepdim=True, regime="ties"),
        case("all", "amax", X),
        case("ties-at-zero", "amax", (50, 4, 3), 1, regime="ties"),
    ),
    page(
        case("all", "max", X),
        case("few", "max", (3,)),
        case("ties", "max", X, regime="ties"),
        refused=False,
    ),
)
