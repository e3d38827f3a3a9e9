"""Hypotheses of what a layer keeps from call to call: the mean and the variance of batches, mixed in the wrong way."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.altered.model import quantity_of
from parity.diagnosis.altered.normalised import Norm
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.draw import Tensors


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what is kept, or what is taken of it, that is wrong."""
    yield from of_other_statistics(symptom)
    yield from of_buffer(symptom)


def momentum(symptom: Symptom) -> float | None:
    """Return the share that a batch has of what is kept; None where there is no such number."""
    m = (left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options)).get("momentum")
    return m if isinstance(m, float) and 0 < m < 1 else None


def of_buffer(symptom: Symptom) -> Explanations:
    """Yield, of a buffer that is a running mean: how else the old value and the new one may be mixed."""
    before = symptom.drawn.buffers.get(symptom.quantity)
    options = left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options)
    m = momentum(symptom)
    if before is None or m is None or before.shape != symptom.truth.shape:
        return
    before, x = before.double(), symptom.drawn.x.double()
    if not symptom.trial.cell.case.training:
        axes = [0, *range(2, x.dim())]
        own = x.var(axes) if symptom.quantity.endswith("var") else x.mean(axes)
        yield Explanation("mode", "it is updated in evaluation, as in training", (1 - m) * before + m * own)
        return
    new = (symptom.truth - (1 - m) * before) / m
    for kind, words, value in mixed(before, new, m):
        yield Explanation(kind, words, value)
    for name, other in symptom.drawn.buffers.items():
        if name != symptom.quantity and other.shape == before.shape:
            for held in (other.double(), symptom.trial.evidence.truth[name]):  # as it was, or updated already
                words = f"it moves from {name} in place of its own value"
                yield Explanation("wrong tensor", words, (1 - m) * held + m * new)
                words = f"{name} is taken off the batch's own in place of the value before"
                yield Explanation("wrong tensor", words, before + m * (new - held))
    if symptom.quantity.endswith("var") and symptom.drawn.x.dim() > 1:
        n = symptom.drawn.x.numel() / symptom.drawn.x.shape[1]
        words = "the variance that is kept is divided by n, not by n - 1"
        yield Explanation("formula", words, (1 - m) * before + m * new * (n - 1) / n)
        words = "what is kept is the deviation, the root of the variance"
        eps = options.get("eps") or 0.0
        biased = new * (n - 1) / n
        roots = [(squares + more).clamp_min(0).sqrt() for squares in (new, biased) for more in (0.0, eps)]
        for root in (*roots, *(root * n / (n - 1) for root in roots[2:])):
            yield Explanation("formula", words, (1 - m) * before + m * root)


def of_other_statistics(symptom: Symptom) -> Explanations:
    """Yield: in training a statistic is the one that is kept, in evaluation that of the batch; dx has terms of it."""
    x, given, truth = symptom.drawn.x.double(), symptom.drawn.buffers, symptom.trial.evidence.truth
    names = ("running_mean", "running_var")
    if not all(name in given for name in names) or x.dim() < 2 or symptom.quantity in given:
        return
    eps = (left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options))["eps"]
    batch = Norm((0, *range(2, x.dim())))
    before, after = (
        [batch.laid_out(held.get(name, given[name]).double(), x) for name in names] for held in (given, truth)
    )
    mean = x.mean(batch.axes, keepdim=True)
    variance, unbiased = (x.var(batch.axes, correction=less, keepdim=True) for less in (0, 1))
    if symptom.trial.cell.case.training:
        right = [mean, variance]
        others = {"that which is kept, after its update": after, "that which is kept, before its update": before}
    else:
        right = before
        others = {"that of the batch": [mean, variance], "that of the batch, by n - 1": [mean, unbiased]}
        if (share := momentum(symptom)) is not None:
            moved = [(1 - share) * held + share * new for held, new in zip(before, (mean, unbiased), strict=True)]
            others["that which is kept, after an update with this batch, as in training"] = moved
        yield from terms_of_training(symptom, batch, eps, before)
    whose = "not that of the batch" if symptom.trial.cell.case.training else "not that which is kept, in evaluation"
    for which, (m, v) in others.items():
        for statistic, one, other in (
            ("the variance is", right[0], v),
            ("the mean is", m, right[1]),
            ("mean and variance are each", m, v),
        ):
            value = quantity_of(symptom, partial(normalised, mean=one, scale=(other + eps).sqrt(), batch=batch))
            if value is not None:
                yield Explanation("wrong tensor", f"{statistic} {which}, {whose}", value)


def normalised(x: Tensor, parameters: Tensors, mean: Tensor, scale: Tensor, batch: Norm) -> Tensor:
    """Return the output for given statistics."""
    y = (x - mean) / scale
    for name, function in (("weight", torch.mul), ("bias", torch.add)):
        y = function(y, batch.laid_out(parameters[name], x)) if name in parameters else y
    return y


def terms_of_training(symptom: Symptom, batch: Norm, eps: float, kept: Sequence[Tensor]) -> Explanations:
    """Yield dx in evaluation with the terms of mean and variance, of the batch's or of what is kept."""
    x, dy, weight = symptom.drawn.x.double(), symptom.drawn.dy, symptom.drawn.parameters.get("weight")
    if dy is None or symptom.quantity != "dx":
        return
    (mean, var), off = kept, batch.off(x)
    scale, of_batch = (var + eps).sqrt(), batch.scale(eps, off)
    g = dy.double() if weight is None else dy.double() * batch.laid_out(weight.double(), x)
    for whose, xhat, divisor in (("", (x - mean) / scale, scale), (" of the batch", off / of_batch, of_batch)):
        terms = g.mean(batch.axes, keepdim=True) + xhat * (g * xhat).mean(batch.axes, keepdim=True)
        words = f"in evaluation the terms of mean and variance{whose} are there, as in training"
        yield Explanation("extra term", words, (g - terms) / divisor)


def mixed(before: Tensor, new: Tensor, m: float) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the kind of a cause, its words, and what is then kept."""
    yield "option otherwise", "momentum and 1 - momentum are exchanged", m * before + (1 - m) * new
    yield "option otherwise", "momentum is not looked at: the batch's own value is kept", new
    yield "stale", "it is not updated", before
    yield "missing term", "the value before is left out: it is momentum times the batch's", m * new
    yield "factor missing", "the value before counts whole, not by 1 - momentum", before + m * new
