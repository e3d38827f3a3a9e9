"""Functions of each element alone."""

from parity.catalogue.operators.method import case, page

X = (5, 4, 3)

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
)
