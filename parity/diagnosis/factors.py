"""Hypotheses of size: zeros, a sign, a constant factor, a factor left out of the chain rule."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanations, Symptom

FACTOR_TOLERANCE = 2e-3


def sizes(symptom: Symptom) -> Mapping[str, float]:
    """Return the numbers that a forgotten or added average may have brought in, by name."""
    x = symptom.trial.drawn.inputs[0]
    output = symptom.trial.evidence.truth["output"]
    found = {"batch size": x.shape[0] if x.dim() else 1, "number of elements of the input": x.numel()}
    if x.dim() > 1:
        found["channels of the input"] = x.shape[1]
        found["elements of a sample"] = x[0].numel() if x.shape[0] else 1
        found["positions, batch x image"] = x.numel() // max(1, x.shape[1])
    if output.dim() > 1:
        found["channels of the output"] = output.shape[1]
        found["elements of the output"] = output.numel()
        found["positions of the output, batch x image"] = output.numel() // max(1, output.shape[1])
        found["pixels of the output"] = output[0, 0].numel() if output.dim() > 2 and output.numel() else 1
    return {name: float(size) for name, size in found.items() if size > 1}


def named(factor: float, symptom: Symptom) -> str:
    """Return the words for a factor: a plain number, or the size that it comes from."""
    for number in (2.0, 0.5, 4.0, 0.25):
        if abs(factor / number - 1) < FACTOR_TOLERANCE:
            return f"{number:g} times too large" if number > 1 else f"{1 / number:g} times too small"
    for name, size in sizes(symptom).items():
        if abs(factor * size - 1) < FACTOR_TOLERANCE:
            return f"divided by the {name} ({size:g})"
        if abs(factor / size - 1) < FACTOR_TOLERANCE:
            return f"multiplied by the {name} ({size:g})"
    return f"off by the constant factor {factor:.6g}"


def best_factor(got: Tensor, wanted: Tensor, at: Tensor) -> float:
    """Return the factor c for which c x wanted comes nearest to got, by least squares."""
    a, b = got[at], wanted[at]
    square = float((b * b).sum())
    return float((a * b).sum()) / square if square else 0.0


def zero_or_sign(symptom: Symptom) -> Explanations:
    """Yield: all zeros; the sign is wrong."""
    yield "it is zero everywhere", torch.zeros_like(symptom.truth)
    yield "the sign is wrong", -symptom.truth


def constant_factor(symptom: Symptom) -> Explanations:
    """Yield: a constant factor, named after the size that it comes from."""
    factor = best_factor(symptom.got, symptom.truth, symptom.finite)
    if factor:
        sign = ", and the sign is wrong" if factor < 0 else ""
        yield f"it is {named(abs(factor), symptom)}{sign}", factor * symptom.truth


def chain_rule(symptom: Symptom) -> Explanations:
    """Yield, for dx of an elementwise module: the cotangent's factor, or the derivative's, was left out."""
    dy, x = symptom.trial.drawn.dy, symptom.trial.drawn.inputs[0]
    if symptom.quantity != "dx" or dy is None or dy.shape != x.shape:
        return
    dy = dy.double()
    yield "it is the cotangent itself: the derivative's factor is missing", dy
    yield "the cotangent's factor is missing: it is the derivative alone", symptom.truth / dy
    yield "the cotangent's factor is there twice", symptom.truth * dy
    yield "the derivative's factor is there twice", symptom.truth * symptom.truth / dy
