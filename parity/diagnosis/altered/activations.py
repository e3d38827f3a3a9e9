"""Hypotheses of an activation: a formula that overflows or loses digits, and one that is another function."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.activation_formulas import ACTIVATIONS, OF_VALUE, Activation
from parity.diagnosis.altered.loss_formulas import above
from parity.diagnosis.altered.model import Formula, is_that_of
from parity.diagnosis.altered.unit_formulas import UNITS
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing

UNSTABLE = ("overflow", "cancellation")  # kinds of formulas that are right in exact arithmetic


def options_of(symptom: Symptom) -> Mapping[str, Any]:
    """Return the options of the module, those left out at torch's default."""
    cell = symptom.trial.cell
    return left_out(cell) | dict(cell.case.options)


def activation(symptom: Symptom) -> Activation | None:
    """Return the activation whose right formula gives the truth; None if there is none."""
    drawn, options = symptom.drawn, options_of(symptom)
    if len(drawn.inputs) > 1 or drawn.parameters or symptom.quantity not in ("output", "dx"):
        return None
    return next((one for one in (*ACTIVATIONS, *UNITS) if is_its_own(symptom, one, options)), None)


def is_its_own(symptom: Symptom, one: Activation, options: Mapping[str, Any]) -> bool:
    """Return whether the right formula of an activation gives the truth."""
    try:
        return is_that_of(symptom, one.right(symptom.drawn.x.double(), options))
    except (RuntimeError, ValueError, IndexError, TypeError, KeyError):
        return False


def naive(symptom: Symptom) -> Explanations:
    """Yield: the formula is right, but overflows or loses digits in the dtype that it is computed in."""
    one = activation(symptom)
    if one is None:
        return
    for dtype in symptom.dtypes:
        formulas = list(one.naive(above(dtype), options_of(symptom)))
        yield from of_function(symptom, formulas, dtype)
        if symptom.quantity == "dx":
            slopes = one.slopes(above(dtype), options_of(symptom))
            unstable = [formula for formula in slopes if formula.kind in UNSTABLE]
            yield from of_slope(symptom, unstable, dtype)


def otherwise(symptom: Symptom) -> Explanations:
    """Yield: it is another function, or its derivative."""
    one = activation(symptom)
    if one is None:
        return
    for dtype in dict.fromkeys((torch.float64, symptom.trial.cell.torch_dtype)):
        yield from of_function(symptom, list(one.values(options_of(symptom))), dtype)
    if symptom.quantity == "dx":
        formulas = one.slopes(above(symptom.trial.cell.torch_dtype), options_of(symptom))
        others = [formula for formula in formulas if formula.kind not in UNSTABLE]
        yield from of_slope(symptom, others, torch.float64)


def temperature(symptom: Symptom) -> Explanations:
    """Yield, for a softmax: x was multiplied by a number, found by least squares of the logarithms."""
    at, x = options_of(symptom).get("dim"), symptom.drawn.x.double()
    if not symptom.of_forward or activation(symptom) is None or not isinstance(at, int):
        return
    logs = symptom.got.log()
    if not logs.isfinite().all():
        return
    apart, wanted = x - x.mean(at, keepdim=True), logs - logs.mean(at, keepdim=True)
    c = float((apart * wanted).sum() / apart.square().sum().clamp_min(1e-300))
    words = f"x is multiplied by {c:.6g} before the softmax, as by a temperature"
    yield Explanation("temperature", words, torch.softmax(c * x, at))


def summed_elsewhere(symptom: Symptom) -> Explanations:
    """Yield, for dx of a softmax or of its logarithm: the sum that couples the elements runs along another axis.

    The output is right, so that no option is ignored as a whole.
    """
    at, dy, y = options_of(symptom).get("dim"), symptom.drawn.dy, symptom.trial.evidence.truth.get("output")
    if symptom.quantity != "dx" or y is None or dy is None or dy.shape != y.shape or not isinstance(at, int):
        return
    dy = dy.double()
    of_other = {of_softmax: of_log_softmax(y.log(), dy, (at,)), of_log_softmax: of_softmax(y.exp(), dy, (at,))}
    names = {
        of_softmax: "the logarithm of the softmax, not of the softmax",
        of_log_softmax: "the softmax, not of its logarithm",
    }
    for value, other in of_other.items():
        if is_that_of(symptom, value(y, dy, (at,)), "dx"):
            yield Explanation("formula", f"it is that of {names[value]}", other)
            if value is of_softmax:
                yield from by_jacobian(y, dy, at)
            for over in [*((axis,) for axis in range(y.dim()) if axis != at % y.dim()), tuple(range(y.dim()))]:
                where = f"axis {over[0]}" if len(over) == 1 else "all axes"
                words = f"the sum that couples the elements is taken along {where}, whatever dim is"
                yield Explanation("wrong axis", words, value(y, dy, over), vanishing("dim"))


def by_jacobian(y: Tensor, dy: Tensor, at: int) -> Explanations:
    """Yield dx by a Jacobian whose elements are one and the same output squared, along rows or columns."""
    words = "the Jacobian has y_i (δ - y_i) in place of y_i (δ - y_j)"
    yield Explanation("formula", words, y * dy - y * y * dy.sum(at, keepdim=True))
    yield Explanation("formula", words, y * dy - (y * y * dy).sum(at, keepdim=True))


def of_softmax(y: Tensor, dy: Tensor, over: tuple[int, ...]) -> Tensor:
    """Return dx of a softmax whose sum runs over these axes."""
    return y * (dy - (y * dy).sum(over, keepdim=True))


def of_log_softmax(y: Tensor, dy: Tensor, over: tuple[int, ...]) -> Tensor:
    """Return dx of the logarithm of a softmax whose sum runs over these axes."""
    return dy - y.exp() * dy.sum(over, keepdim=True)


def of_function(symptom: Symptom, formulas: list[Formula], dtype: torch.dtype) -> Explanations:
    """Yield what functions of x give, or their derivatives times dy."""
    x, dy = symptom.drawn.x.to(dtype), symptom.drawn.dy
    for formula in formulas:
        if symptom.of_forward:
            yield Explanation(formula.kind, formula.words, formula.value(x).double())
        elif dy is not None and formula.kind != OF_VALUE:
            of_another = formula.kind == "formula"
            words = f"it is the derivative of another function: {formula.words}" if of_another else formula.words
            yield Explanation(formula.kind, words, pulled_back(formula.value, x, dy.to(dtype)).double())


def pulled_back(function: Callable[[Tensor], Tensor], x: Tensor, dy: Tensor) -> Tensor:
    """Return dx of a function of x, for the cotangent dy."""
    leaf = x.detach().clone().requires_grad_()
    y = function(leaf)
    return torch.autograd.grad(y, [leaf], dy)[0] if y.requires_grad else torch.zeros_like(x)


def of_slope(symptom: Symptom, formulas: list[Formula], dtype: torch.dtype) -> Explanations:
    """Yield dy times the derivatives that formulas give, of x and y."""
    x, dy = symptom.drawn.x.to(dtype), symptom.drawn.dy
    y = symptom.trial.evidence.truth["output"].to(dtype)
    if dy is None:
        return
    for formula in formulas:
        slope = formula.value(x, y)
        yield Explanation(formula.kind, formula.words, (slope * dy.to(dtype)).double())
        if formula.kind not in UNSTABLE:
            words = f"{formula.words}, and the cotangent's factor is missing"
            yield Explanation(formula.kind, words, slope.double())
