"""Hypotheses of cancellation: digits are lost where two numbers of one size are subtracted."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanation, Explanations, Symptom

OF_SIZE = 8.0  # units of rounding of the larger number that may be lost: more is no matter of rounding
SMALLER = 0.25  # share of that number, that the truth must be below where digits are lost


def digits_lost(symptom: Symptom) -> Explanations:
    """Yield: the error is a rounding error of a larger number. The prediction is what came: it needs no fit.

    It is so where every wrong element is off by a few units of rounding of that number, and is far smaller itself.
    """
    if symptom.special:
        return
    wrong = symptom.wrong & symptom.finite
    error, truth = (symptom.got - symptom.truth)[wrong].abs(), symptom.truth[wrong].abs()
    for words, size in sizes(symptom):
        of_wrong = size.expand(symptom.truth.shape)[wrong]
        if (error <= OF_SIZE * symptom.u * of_wrong).all() and (truth < SMALLER * of_wrong).all():
            yield Explanation("cancellation", f"digits are lost by cancellation: {words}", symptom.got)
            return


def sizes(symptom: Symptom) -> Iterator[tuple[str, Tensor]]:
    """Yield the numbers that may cancel, the smallest first, each with its words."""
    x, truth = symptom.drawn.inputs[0].double().abs(), symptom.truth
    ones, dy = torch.ones((), dtype=truth.dtype), symptom.drawn.dy
    factor = dy.double().abs() if symptom.quantity == "dx" and dy is not None and dy.shape == truth.shape else ones
    yield "the error is that of rounding 1, as in 1 - y or 1 + e", ones * factor
    if x.shape == truth.shape:
        yield "the error is that of rounding x", x * factor
        yield "the error is that of rounding x^2, as in E[x^2] - E[x]^2", x * x * factor
    if x.numel():
        yield "the error is that of rounding the largest input", x.nan_to_num(0, 0, 0).max() * factor
        largest = x.nan_to_num(0, 0, 0).square()
        yield "the error is that of rounding the squares of the input", largest.max() * factor
