"""Hypotheses of cancellation: digits are lost where two numbers of one size are subtracted."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanation, Explanations, Symptom, observed
from parity.verdict.draw import mapped

OF_SIZE = 8.0  # units of rounding of the larger number that may be lost: more is no matter of rounding
BETTER = 1e-3  # of the error, that float64 may leave
SMALLER = 0.25  # share of that number, that the truth must be below where digits are lost


def digits_lost(symptom: Symptom) -> Explanations:
    """Yield: the error is a rounding error of a larger number. The prediction is what came: it needs no fit.

    It is so where every wrong element is off by a few units of rounding of that number, and is far smaller itself, and
    where the same numbers give the truth in float64. What is in float64 has nothing finer to be held against: there
    the size of the error must tell.
    """
    wrong = symptom.wrong & symptom.finite
    error, truth = (symptom.got - symptom.truth)[wrong].abs(), symptom.truth[wrong].abs()
    finest = symptom.trial.cell.dtype == "float64"
    if symptom.special or not (is_seen_again(symptom) if finest else far_better(symptom, wrong, error)):
        return
    for words, size in sizes(symptom):
        of_wrong = size.expand(symptom.truth.shape)[wrong]
        if (error <= OF_SIZE * symptom.u * of_wrong).all() and (truth < SMALLER * of_wrong).all():
            yield Explanation("cancellation", f"digits are lost by cancellation: {words}", symptom.got)
            return
    if not finest:
        yield Explanation("cancellation", "digits are lost: the same numbers give the truth in float64", symptom.got)


def far_better(symptom: Symptom, wrong: Tensor, error: Tensor) -> bool:
    """Return whether the same numbers are as good as right when the subject computes in float64."""
    trial = symptom.trial
    if not is_seen_again(symptom):
        return False
    finer = replace(trial, cell=replace(trial.cell, dtype="float64"), given=mapped(symptom.drawn, Tensor.double))
    value = observed(finer).get(symptom.quantity)
    if not isinstance(value, Tensor) or value.shape != symptom.truth.shape or value.dtype != torch.float64:
        return False
    return bool(((value.detach().cpu() - symptom.truth)[wrong].abs() <= BETTER * error).all())


def is_seen_again(symptom: Symptom) -> bool:
    """Return whether a first call gives what came: it is no other call, and no other state, that makes it wrong."""
    value = observed(symptom.trial).get(symptom.quantity)
    if not isinstance(value, Tensor) or value.shape != symptom.got.shape:
        return False
    return torch.equal(value.detach().cpu().double().nan_to_num(0.0), symptom.got.nan_to_num(0.0))


def sizes(symptom: Symptom) -> Iterator[tuple[str, Tensor]]:
    """Yield the numbers that may cancel, the smallest first, each with its words."""
    x, truth = symptom.drawn.x.double().abs(), symptom.truth
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
