"""Hypotheses of overflow: what an exponential does that is not shifted by the maximum, or by that of another axis."""

import torch
from torch import Tensor

from parity.diagnosis.altered.loss_formulas import above
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.compare import kinds

CLOSE = 1e-3  # relative, of the elements that are finite: it tells one explanation from another, and judges nothing


def of_exponentials(symptom: Symptom) -> Explanations:
    """Yield, for a module that normalises along an axis: exp(x - m) / sum is taken with the wrong maximum m, or none.

    The prediction is what came, made only where infinities, nan and numbers stand as predicted, or all bits agree:
    it needs no fit.
    """
    dim, given = symptom.trial.cell.case.options.get("dim"), symptom.trial.inputs()[0]
    if not isinstance(dim, int) or symptom.truth.shape != given.shape or not symptom.got.numel():
        return
    for dtype in symptom.dtypes:
        yield from shifted_otherwise(symptom, given.to(dtype), dim)


def shifted_otherwise(symptom: Symptom, x: Tensor, dim: int) -> Explanations:
    """Yield the same of one dtype."""
    others = [axis for axis in range(x.dim()) if axis != dim % x.dim()]
    shifts = [("the maximum is not subtracted", torch.zeros_like(x))]
    shifts += [("the maximum is taken over another axis than the sum", x.amax(axis, keepdim=True)) for axis in others]
    for words, shift in shifts:
        e = torch.exp(x - shift)
        y = e / e.sum(dim, keepdim=True)
        predicted = normalised(symptom, y, dim)
        if torch.equal(symptom.got, predicted):
            yield Explanation("overflow", f"{words} before the exponential: it loses digits", symptom.got)
        elif not symptom.got.isfinite().all() and alike(symptom.got, predicted):
            yield Explanation("overflow", f"exp overflows above {above(x.dtype)}: {words}", symptom.got)


def swallowed(symptom: Symptom) -> Explanations:
    """Yield: nan comes out as a number, or infinity as the largest one."""
    infinity, most = float("inf"), torch.finfo(symptom.trial.cell.torch_dtype).max
    zeros = symptom.truth.nan_to_num(0.0, infinity, -infinity)
    yield Explanation("nan swallowed", "nan comes out as 0: what is no number is hidden", zeros)
    words = "infinity is cut off at the largest number of the dtype"
    yield Explanation("infinity clamped", words, symptom.truth.clamp(-most, most))


def normalised(symptom: Symptom, y: Tensor, dim: int) -> Tensor:
    """Return the output or, from it, dx."""
    dy = symptom.trial.dy()
    if symptom.of_forward or dy is None:
        return y.double()
    dy = dy.to(y.dtype)
    return (y * (dy - (dy * y).sum(dim, keepdim=True))).double()


def alike(got: Tensor, predicted: Tensor) -> bool:
    at = got.isfinite() & predicted.isfinite()
    return torch.equal(kinds(got), kinds(predicted)) and torch.allclose(got[at], predicted[at], rtol=CLOSE, atol=1e-6)
