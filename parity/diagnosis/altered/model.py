"""What altered formulas share: a function differentiated in place of the module's, and the factor of a reduction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.diagnosis.symptom import Symptom, fitted
from parity.verdict.draw import Tensors

NEAR = 1e-9  # relative: whether a formula in float64 is that of the truth
Function = Callable[[Tensor, Tensors], Tensor]  # of x and the parameters, in float64


def is_that_of(symptom: Symptom, value: Tensor, quantity: str = "output") -> bool:
    """Return whether a value in float64 is the truth of a quantity, wherever both are finite."""
    truth = symptom.trial.evidence.truth.get(quantity)
    if truth is None or value.shape != truth.shape:
        return False
    at = value.isfinite() & truth.isfinite()
    return bool(at.any()) and torch.allclose(value[at], truth[at], rtol=NEAR, atol=1e-12)


def quantity_of(symptom: Symptom, function: Function) -> Tensor | None:
    """Return the symptom's quantity, float64, of a function in place of the module's; None if it has none.

    The cotangent, and then the quantity, are cut or filled with zeros to the shape that they need.
    """
    drawn = symptom.drawn
    parameters = {name: value.double().clone().requires_grad_() for name, value in drawn.parameters.items()}
    x = drawn.x.double().clone().requires_grad_()
    try:
        y = function(x, parameters)
        if symptom.of_forward:
            return fitted(y.detach(), symptom.got.shape)
        dy = torch.ones_like(y) if drawn.dy is None else fitted(drawn.dy.double(), y.shape)
        of = x if symptom.quantity == "dx" else parameters.get(symptom.quantity[1:])
        if of is None or not y.requires_grad:
            return None
        (gradient,) = torch.autograd.grad(y, [of], dy, allow_unused=True)
        return None if gradient is None else fitted(gradient, symptom.got.shape)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return None


@dataclass(frozen=True)
class Formula:
    """A wrong formula: the kind of its cause, the words, and what it computes."""

    kind: str
    words: str
    value: Callable[..., Tensor]


Formulas = Iterator[Formula]
