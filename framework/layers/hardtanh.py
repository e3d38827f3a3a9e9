"""Hyperbolic tangent of straight lines."""

from functools import cache
from math import copysign, inf

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.module import Layer, Saved
from framework.precision import wide

LEAST = 5e-324  # that is no 0


def forward(x: Tensor, low: float, high: float) -> tuple[Tensor, Saved]:
    return x.clamp(low, high), (x,)


@cache
def after(bound: float, towards: float, dtype: torch.dtype) -> float:
    """Return the number of a dtype that comes after a bound."""
    rounded = torch.tensor(bound, dtype=dtype, device="cpu")
    return torch.nextafter(rounded, torch.full_like(rounded, towards)).item()


def beside(bound: float, towards: float, x: Tensor) -> float:
    """Return the number that comes after a bound; after 0 the least that counts as another."""
    subnormal_is_zero = not LEAST > 0  # as torch.set_flush_denormal has it
    if bound == 0 and subnormal_is_zero:
        return copysign(torch.finfo(wide(x).dtype).tiny, towards)
    return after(bound, towards, wide(x).dtype)


@blocks.pointwise
def passed(dy: Tensor, x: Tensor, low: float, high: float, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    least, most = beside(low, inf, x), beside(high, -inf, x)
    held = masks.bits(torch.clamp(values, least, most, out=out))
    inside = torch.eq(held, masks.bits(values), out=held)  # so is nan, which is held nowhere
    return masks.kept(wide(dy), inside).to(dy.dtype)


def backward(dy: Tensor, saved: Saved, low: float, high: float) -> Tensor:
    return passed(dy, *saved, low, high)


class Hardtanh(Layer):
    """Pass what lies between two bounds, and hold everything else at them.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = min(max(x, min_val), max_val)
    Backward  dx = dy where min_val < x < max_val, or x is nan; else 0
    Source    Collobert 2004, "Large scale machine learning", PhD thesis, Paris VI; torch.nn.Hardtanh.
    Raises    TypeError if a bound is no number or x no floating-point tensor; ValueError if a bound is not finite, or
              max_val is not above min_val.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        self.min_val = arguments.number(self.label(), "min_val", min_val)
        self.max_val = arguments.number(self.label(), "max_val", max_val)
        if not self.max_val > self.min_val:
            raise ValueError(f"{self.label()}: max_val must be above min_val {min_val}, was {max_val}")

    def options(self) -> dict[str, object]:
        return {"min_val": self.min_val, "max_val": self.max_val}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.min_val, self.max_val)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.min_val, self.max_val),)
