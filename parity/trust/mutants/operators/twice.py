"""Faults of second derivatives alone: the first ones are right in all of them."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Faults
from parity.trust.planted import Call


def zero(value: Tensor, _: Call) -> Tensor:
    return torch.zeros_like(value)


def first_gradient(_: Tensor, call: Call) -> Tensor:
    """Return dx, which was differentiated once."""
    return call.again()["dx"]


OF_ANY: Faults = {
    "sign": ("sign", lambda v, _: -v),
    "twice": ("factor 2", lambda v, _: 2 * v),
    "half": ("missing factor", lambda v, _: v / 2),
}
SAVED: Faults = OF_ANY | {"saved output kept": ("zero", zero)}
KEPT: Faults = OF_ANY | {"factor of the product kept": ("zero", zero)}
FIRST: Faults = {"the first gradient": ("derivative at the wrong tensor", first_gradient)}
# Operators of which a second derivative is not zero: by x, and by the other operand.
BY_X = "exp expm1 log log1p sqrt pow tanh sigmoid __rtruediv__ __rpow__".split()
BY_OTHER = "mul div pow matmul __rmatmul__".split()


def second(method: str) -> Mapping[str, Faults]:
    """Return the faults of an operator's second derivatives, by quantity."""
    faults = {"d²dy": OF_ANY | {"zero": ("zero", zero)}, "d²x": FIRST | (SAVED if method in BY_X else {})}
    return faults | ({"d²other": KEPT} if method in BY_OTHER else {})
