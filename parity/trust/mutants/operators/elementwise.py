"""Wrong derivatives of the functions of every element by itself: another factor of the cotangent."""

from collections.abc import Callable, Mapping
from math import pi, sqrt

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Table
from parity.trust.planted import Call, Change


def by(slope: Callable[[Tensor, Tensor], Tensor]) -> Change:
    """Return the change to dy times another slope, a function of x and y."""
    return lambda _, call: call.cotangent * slope(call.x, call.y)


def one(x: Tensor, _: Tensor) -> Tensor:
    return torch.ones_like(x)


def bound(call: Call, name: str, position: int) -> float | None:
    """Return a bound of clamp, None where it has none."""
    arguments, keywords = call.option("arguments"), call.option("keywords")
    value: float | None = arguments[position] if len(arguments) > position else keywords.get(name)
    return value


def inside(call: Call, low: float | None, high: float | None) -> Tensor:
    """Return dy where x is within the bounds, both included."""
    outside = torch.zeros_like(call.x, dtype=torch.bool)
    outside |= outside if low is None else call.x < low
    outside |= outside if high is None else call.x > high
    return call.cotangent.masked_fill(outside, 0)


def without_low(_: Tensor, call: Call) -> Tensor:
    return inside(call, None, bound(call, "max", 1))


def without_high(_: Tensor, call: Call) -> Tensor:
    return inside(call, bound(call, "min", 0), None)


def bounds_excluded(value: Tensor, call: Call) -> Tensor:
    """Return the gradient with nothing passed where a bound is attained."""
    attained = torch.zeros_like(call.x, dtype=torch.bool)
    for each in (bound(call, "min", 0), bound(call, "max", 1)):
        attained |= attained if each is None else call.x == each
    return value.masked_fill(attained, 0)


ELEMENTWISE: Mapping[str, Table] = {
    "neg": {"sign missing": ("sign", by(one)), "absolute value": ("wrong formula", by(lambda x, _: -x.sign()))},
    "exp": {
        "factor missing": ("missing factor", by(one)),
        "by x": ("derivative at the wrong tensor", by(lambda x, _: x)),
        "by exp y": ("derivative at the wrong tensor", by(lambda _, y: y.exp())),
    },
    "expm1": {
        "one missing": ("missing term", by(lambda _, y: y)),
        "factor missing": ("missing factor", by(one)),
        "one twice": ("doubled", by(lambda _, y: y + 2)),
    },
    "log": {
        "multiplied": ("wrong formula", by(lambda x, _: x)),
        "by y": ("derivative at the wrong tensor", by(lambda _, y: 1 / y)),
        "squared": ("wrong formula", by(lambda x, _: 1 / x**2)),
        "of log |x|": ("absolute value", by(lambda x, _: 1 / x.abs())),
    },
    "log1p": {
        "one missing": ("missing term", by(lambda x, _: 1 / x)),
        "at y": ("derivative at the wrong tensor", by(lambda _, y: 1 / (1 + y))),
        "of log (1 - x)": ("sign", by(lambda x, _: -1 / (1 - x))),
    },
    "sqrt": {
        "two missing": ("factor 2", by(lambda _, y: 1 / y)),
        "root missing": ("derivative at the wrong tensor", by(lambda x, _: 1 / (2 * x))),
        "multiplied": ("wrong formula", by(lambda _, y: y / 2)),
    },
    "abs": {
        "sign missing": ("missing factor", by(one)),
        "by x": ("derivative at the wrong tensor", by(lambda x, _: x)),
        "by y": ("derivative at the wrong tensor", by(lambda _, y: y)),
        "one at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, 2 * call.cotangent, v)),
    },
    "clamp": {
        "bounds ignored": ("missing factor", by(one)),
        "low bound ignored": ("option ignored", without_low),
        "high bound ignored": ("option ignored", without_high),
        "bounds excluded": ("wrong at a tie", bounds_excluded),
        "inverted": ("wrong formula", lambda v, call: call.cotangent - v),
    },
    "relu": {
        "mask missing": ("missing factor", by(one)),
        "mask by dy": ("derivative at the wrong tensor", lambda _, call: call.cotangent.clamp_min(0)),
        "times y": ("extra term", lambda v, call: v * call.y),
        "two at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, 2 * call.cotangent, v)),
    },
    "tanh": {
        "at x": ("derivative at the wrong tensor", by(lambda x, _: 1 - x**2)),
        "square missing": ("wrong formula", by(lambda _, y: 1 - y)),
        "sign of the square": ("sign", by(lambda _, y: 1 + y**2)),
    },
    "sigmoid": {
        "1 - y missing": ("missing factor", by(lambda _, y: y)),
        "y missing": ("missing factor", by(lambda _, y: 1 - y)),
        "sign of the square": ("sign", by(lambda _, y: y * (1 + y))),
    },
    "erfc": {
        "sign missing": ("sign", by(lambda x, _: 2 / sqrt(pi) * (-x * x).exp())),
        "constant missing": ("missing factor", by(lambda x, _: -(-x * x).exp())),
        "half of the square": ("wrong formula", by(lambda x, _: -2 / sqrt(pi) * (-x * x / 2).exp())),
    },
    "to": {
        "whole numbers": ("wrong formula", lambda v, _: v.round()),
        "times x": ("extra term", lambda v, call: v * call.x),
    },
}
