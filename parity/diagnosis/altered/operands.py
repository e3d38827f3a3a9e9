"""Hypotheses of an operator of two operands: the cotangent times another expression of them, summed as broadcast."""

from collections.abc import Callable, Mapping
from itertools import product

import torch
from torch import Tensor

from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

Operands = tuple[Tensor, Tensor]  # x and the other, in float64
FACTORS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "dy": lambda x, _: torch.ones_like(x),
    "dy · x": lambda x, _: x,
    "dy · other": lambda _, other: other,
    "dy / x": lambda x, _: 1 / x,
    "dy / other": lambda _, other: 1 / other,
    "dy · x · other": lambda x, other: x * other,
    "dy · x / other": lambda x, other: x / other,
    "dy · other / x": lambda x, other: other / x,
    "dy / other²": lambda _, other: 1 / other**2,
    "dy · x / other²": lambda x, other: x / other**2,
    "dy · other · x ^ (other - 1)": lambda x, other: other * x ** (other - 1),
    "dy · x ^ (other - 1)": lambda x, other: x ** (other - 1),
    "dy · x ^ other": lambda x, other: x**other,
    "dy · x ^ other · ln x": lambda x, other: x**other * x.log(),
    "dy · x ^ other · ln |other|": lambda x, other: x**other * other.abs().log(),
    "dy · x ^ (other - 1) · ln x": lambda x, other: x ** (other - 1) * x.log(),
}


def operands(symptom: Symptom) -> Operands | None:
    """Return the operands of an operator whose output has their common shape; None where there are not two."""
    drawn = symptom.drawn
    if drawn.dy is None or len(drawn.inputs) != 1 or list(drawn.parameters) != ["other"]:
        return None
    x, other = drawn.x.double(), drawn.parameters["other"].double()
    try:
        alike = (x + other).shape == drawn.dy.shape
    except RuntimeError:
        return None
    return (x, other) if alike else None


def otherwise(symptom: Symptom) -> Explanations:
    """Yield: in place of the right expression of the operands another one stands beside dy, or its sign is wrong."""
    both, dy = operands(symptom), symptom.drawn.dy
    if both is None or dy is None or symptom.quantity not in ("dx", "dother"):
        return
    predicted = {
        f"{'-' * (sign < 0)}{words}": (sign * dy.double() * factor(*both)).sum_to_size(symptom.truth.shape)
        for (words, factor), sign in product(FACTORS.items(), (1, -1))
    }
    right = [words for words, value in predicted.items() if is_that_of(symptom, value, symptom.quantity)]
    for words, value in predicted.items():
        if right and words not in right:
            yield Explanation("formula", f"it is {words} in place of {right[0]}", value)
