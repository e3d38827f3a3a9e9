"""Operators of two operands: tensors that broadcast, numbers, and either on the right-hand side."""

from parity.catalogue.operators.method import case, page
from parity.catalogue.page import Page

X = (5, 4, 3)


def broadcast(method: str, multilinear: bool = False) -> Page:
    """Return the page of a method under every way of broadcasting its second operand, or its first."""
    return page(
        case("rows", method, X, other=(4, 3), widely=True),
        case("row", method, X, other=(3,)),
        case("alike", method, X, other=X),
        case("column", method, X, other=(4, 1)),
        case("one", method, X, other=(1,)),
        case("wider", method, (4, 3), other=(2, 5, 4, 3)),
        case("both", method, (5, 1, 3), other=(4, 1)),
        case("number", method, X, 2.5),
        multilinear=multilinear,
    )


def reversed_number(method: str, number: float = 2.5) -> Page:
    """Return the page of an operator whose left operand is a number."""
    return page(case("number", method, X, number, widely=True))


PAGES = (
    broadcast("add"),
    broadcast("sub"),
    broadcast("mul", multilinear=True),
    broadcast("div"),
    page(
        case("square", "pow", X, 2, widely=True),
        case("cube", "pow", X, 3.0),
        case("root", "pow", X, 0.5, regime="positive"),
        case("inverse", "pow", X, -1.5, regime="positive"),
        case("tensor", "pow", X, other=(4, 1), regime="positive"),
        case("zero-base", "pow", X, other=X, regime="ties"),
    ),
    reversed_number("__radd__", 25.0),  # 2.5 is lost beside 100 in bfloat16
    reversed_number("__rsub__"),
    reversed_number("__rmul__"),
    reversed_number("__rtruediv__"),
    reversed_number("__rpow__"),
)
