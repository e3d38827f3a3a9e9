"""Values of losses of a prediction p and a target t, element by element; reduced as the loss says in one place."""

from math import log, pi

from torch import Tensor

import framework
from framework.losses.bce import LEAST_VARIANCE, LOWEST_LOG
from framework.tape.compositions.activations import magnitude
from framework.tape.joining import where
from framework.tape.operators.elementwise import Tangent
from framework.tape.variable import Variable, apply


def reduced(loss: framework.Loss, values: Variable) -> Variable:
    """Return the values reduced as the loss says."""
    if loss.reduction == "batchmean":
        return values.sum() / len(values)
    return {"mean": values.mean, "sum": values.sum, "none": lambda: values}[loss.reduction]()


def weighed(values: Variable, weight: Tensor | None) -> Variable:
    """Return what every value weighs, where there are weights."""
    return values if weight is None else values * weight.to(values.tensor.dtype)


def mse(p: Variable, t: Variable) -> Variable:
    return (p - t).pow(2)


def l1(p: Variable, t: Variable) -> Variable:
    return (p - t).abs()


def smooth_l1(p: Variable, t: Variable, beta: float) -> Variable:
    """Return (p - t)² / 2 beta where that is near, else |p - t| - beta / 2."""
    distance = l1(p, t)
    near = ~(distance.tensor >= beta)  # so is nan, whose slope is then nan too
    inside = where(near, distance, 0.0)
    return where(near, inside * (inside / (2 * beta or 1.0)), distance - beta / 2)


def huber(p: Variable, t: Variable, delta: float) -> Variable:
    """Return (p - t)² / 2 where that is near, else delta (|p - t| - delta / 2)."""
    distance = l1(p, t)
    near = ~(distance.tensor >= delta)
    inside = where(near, distance, 0.0)
    return where(near, inside * (inside * 0.5), (distance - delta / 2) * delta)


def times_log(t: Variable) -> Variable:
    """Return t log t, and 0 where t is 0."""
    return t * where(t.tensor == 0, 1.0, t).log()


def kl_div(p: Variable, t: Variable, log_target: bool) -> Variable:
    return t.exp() * (t - p) if log_target else times_log(t) - t * p


def stirling(t: Variable) -> Variable:
    """Return log t! by Stirling's formula, and 0 where t is at most 1."""
    few = t.tensor <= 1
    many = where(few, 2.0, t)
    return where(few, 0.0, (many + 0.5) * many.log() - many + 0.5 * log(2 * pi))


def poisson_nll(p: Variable, t: Variable, log_input: bool, full: bool, eps: float) -> Variable:
    values = p.exp() - t * p if log_input else p - t * (p + eps).log()
    return values + stirling(t) if full else values


def gaussian_nll(input: Variable, target: Variable, var: Variable, full: bool, eps: float) -> Variable:
    """Return (log v + (input - target)² / v) / 2, v = max(var, eps); the bound is no part of the derivative."""
    v = apply(Tangent, (var,), var.tensor.clamp_min(eps), var.tensor.new_ones(var.shape))
    beside = v if v.dim() == input.dim() else v.reshape(*v.shape, 1)
    off = input - target
    values = (beside.log() + off * (off / beside)) * 0.5
    return values + 0.5 * log(2 * pi) if full else values


def bce(p: Variable, t: Variable) -> Variable:
    """Return -t log p - (1 - t) log(1 - p)."""
    certain = p.tensor * (1 - p.tensor) < LEAST_VARIANCE
    inside = where(certain, 0.5, p)
    values = (t - 1) * (-inside).log1p() - t * inside.log()
    return where(certain, at_certainty(p, t.tensor, certain), values)


def at_certainty(p: Variable, t: Tensor, certain: Tensor) -> Variable:
    """Return torch's convention for p of 0 or 1: logarithms end at -100, and the slope is (p - t) / 1e-12."""
    value = (t - 1) * (-p.tensor).log1p().clamp(min=LOWEST_LOG) - t * p.tensor.log().clamp(min=LOWEST_LOG)
    slope = (p.tensor - t) / LEAST_VARIANCE
    return apply(Tangent, (p,), value, slope.masked_fill(~certain, 0))


def bce_with_logits(p: Variable, t: Variable, pos_weight: Tensor | None) -> Variable:
    """Return (1 - t) p + e (log(1 + e^-|p|) + max(-p, 0)), e = 1 - t + pos_weight t."""
    size, negative = magnitude(p)
    below, curve = where(negative, p, 0.0), (-size).exp().log1p()
    wanted = t
    if pos_weight is not None:
        wanted = t * pos_weight.to(t.tensor.dtype)
        curve = curve * (1 - t + wanted)
    # the slope of the straight part is -t below 0 and 1 - t above; below - below is nan at -inf, as torch's loss is
    return where(negative, -wanted, 1 - t) * p + (below - below) + curve
