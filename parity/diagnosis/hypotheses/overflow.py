"""Hypotheses of overflow: what an exponential does that is not shifted by the maximum, or by that of another axis."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.loss_formulas import above
from parity.diagnosis.edited.recording import recorded
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.compare import kinds
from parity.verdict.perturbed import kernels

EXPONENTIALS = frozenset("exp expm1 log1p sigmoid tanh erf".split())
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


def of_one_exponential(symptom: Symptom) -> Explanations:
    """Yield, for a function of x alone: it is lost exactly beyond where the exponential of a multiple of x overflows.

    What was computed after that is not known, so the prediction is what came. It is made where some elements are right,
    every wrong one lies beyond, and of each of these no number is left, or less than half of it. Infinity lies beyond
    whatever is computed: what is wrong there alone speaks of an exponential only where the reference takes one.
    """
    got, truth, wrong = symptom.got, symptom.truth, symptom.wrong
    x, *others = symptom.drawn.inputs
    if others or symptom.drawn.parameters or x.shape != truth.shape or not wrong.any():
        return
    if not (wrong & x.isfinite()).any() and not takes_exponential(symptom):
        return
    lost = ~got.isfinite() | (truth.isfinite() & (got.abs() <= truth.abs() / 2))
    for dtype in symptom.dtypes:
        for words, multiple in multiples(symptom, x.double()):
            beyond = multiple > math.log(torch.finfo(dtype).max)
            if (wrong <= (beyond & lost)).all() and not beyond.all():
                yield Explanation("overflow", f"exp overflows above {above(dtype)}: exp({words}) is taken", symptom.got)
                return


def takes_exponential(symptom: Symptom) -> bool:
    """Return whether the reference takes an exponential of anything."""
    program = recorded(symptom)
    return program is not None and any(kernels.name_of(step.kernel) in EXPONENTIALS for step in program.steps)


def multiples(symptom: Symptom, x: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Yield the multiples of x whose exponential a formula may take, each with its words: by 1, by 2, by an option."""
    options = [value for value in options_of(symptom).values() if isinstance(value, float) and value]
    factors = dict.fromkeys((1.0, *options, *(1 / value for value in options), 2.0))
    for signed in (sign * factor for factor in factors for sign in (1, -1)):
        yield {1.0: "x", -1.0: "-x"}.get(signed, f"{signed:g} x"), signed * x


def swallowed(symptom: Symptom) -> Explanations:
    """Yield: nan comes out as a number, or infinity as the largest one."""
    infinity, most = float("inf"), torch.finfo(symptom.trial.cell.torch_dtype).max
    zeros = symptom.truth.nan_to_num(0.0, infinity, -infinity)
    lost = symptom.wrong & (symptom.got == 0) & ~symptom.truth.isfinite()  # inf - inf is nan in one order of a sum
    all_lost = torch.equal(lost, symptom.wrong) and bool(symptom.truth[lost].isnan().any())
    shown = symptom.got if all_lost else zeros
    yield Explanation("nan swallowed", "nan comes out as 0: what is no number is hidden", shown)
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
