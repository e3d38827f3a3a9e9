"""Losses of what is to be alike, or apart, by a margin."""

from math import inf

from torch import Tensor

import framework
from framework.losses.cosine_embedding import EPS
from framework.tape.joining import where
from framework.tape.variable import Variable


def plain(target: Variable | Tensor) -> Tensor:
    """Return signs as a tensor, however they came."""
    return target.tensor if isinstance(target, Variable) else target


def hinge_embedding(p: Variable, t: Variable | Tensor, margin: float) -> Variable:
    """Return p where t is 1, else what it lacks of the margin."""
    return where(plain(t) == 1, p, (margin - p).clamp(min=0))


def margin_ranking(input1: Variable, input2: Variable, target: Variable | Tensor, margin: float) -> Variable:
    """Return what one score lacks of being a margin above the other."""
    return ((input2 - input1) * plain(target).to(input1.tensor.dtype) + margin).clamp(min=0)


def cosine_embedding(input1: Variable, input2: Variable, target: Variable | Tensor, margin: float) -> Variable:
    """Return what a cosine lacks of 1 where target is 1, else what it has over the margin."""
    length1, length2 = (((x * x).sum(-1) + EPS).sqrt() for x in (input1, input2))
    cosine = (input1 * input2).sum(-1) / (length1 * length2)
    return where(plain(target) == 1, 1 - cosine, (cosine - margin).clamp(min=0))


def norm(x: Variable, p: float) -> Variable:
    """Return (Σ |x|^p)^(1/p) over the last axis, by what each is of the largest, so that no power overflows.

    What is 0 has no slope, whatever the power.
    """
    size = x.abs()
    if p == 1:
        return size.sum(-1)
    if p == inf:
        return size.amax(-1)
    largest = size.tensor.amax(-1, keepdim=True)
    unit = largest.masked_fill((largest == 0) | largest.isinf(), 1)
    zero = size.tensor == 0
    powers = where(zero, 0.0, where(zero, 1.0, size / unit) ** p).sum(-1)
    empty = powers.tensor == 0
    return where(empty, 0.0, where(empty, 1.0, powers) ** (1 / p)) * unit.squeeze(-1)


def triplet_margin(
    loss: framework.TripletMarginLoss, anchor: Variable, positive: Variable, negative: Variable
) -> Variable:
    """Return what the distance to the positive lacks of being a margin below that to the negative."""
    near, far = norm(anchor - positive + loss.eps, loss.p), norm(anchor - negative + loss.eps, loss.p)
    if loss.swap:
        far = least(far, norm(positive - negative + loss.eps, loss.p))
    return (near - far + loss.margin).clamp(min=0)


def least(a: Variable, b: Variable) -> Variable:
    """Return the smaller of two; where they are equal, each passes half of the gradient."""
    lower = where(a.tensor < b.tensor, a, b)
    return where(a.tensor == b.tensor, (a + b) * 0.5, lower)
