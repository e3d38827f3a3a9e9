"""Hypotheses of what a layer keeps from call to call: the mean and the variance of batches, mixed in the wrong way."""

from collections.abc import Iterator

from torch import Tensor

from parity.diagnosis.altered.normalised import Norm
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import Explanation, Explanations, Symptom


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what is kept, or what is taken of it, that is wrong."""
    yield from in_place_of_batch(symptom)
    yield from of_buffer(symptom)


def of_buffer(symptom: Symptom) -> Explanations:
    """Yield, of a buffer that is a running mean: how else the old value and the new one may be mixed."""
    before = symptom.drawn.buffers.get(symptom.quantity)
    options = left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options)
    m = options.get("momentum")
    if before is None or not isinstance(m, float) or not 0 < m < 1 or before.shape != symptom.truth.shape:
        return
    before = before.double()
    new = (symptom.truth - (1 - m) * before) / m
    for kind, words, value in mixed(before, new, m):
        yield Explanation(kind, words, value)
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


def in_place_of_batch(symptom: Symptom) -> Explanations:
    """Yield, for the output of a batch in training: a statistic is the one that is kept, before its update or after."""
    x, buffers, truth = symptom.drawn.x.double(), symptom.drawn.buffers, symptom.trial.evidence.truth
    names = ("running_mean", "running_var")
    training = symptom.trial.cell.case.training
    if not training or symptom.quantity != "output" or not all(name in buffers and name in truth for name in names):
        return
    eps = (left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options))["eps"]
    batch = Norm((0, *range(2, x.dim())))
    off = batch.off(x)
    mean, var = x - off, off.square().mean(batch.axes, keepdim=True)
    parameters = [symptom.drawn.parameters.get(name) for name in ("weight", "bias")]
    weight, bias = (None if one is None else batch.laid_out(one.double(), x) for one in parameters)
    for when, kept in (("after its update", truth), ("before its update", buffers)):
        means, variances = (batch.laid_out(kept[name].double(), x) for name in names)
        for which, (m, v) in {
            "the variance is that which is kept,": (mean, variances),
            "the mean is that which is kept,": (means, var),
            "mean and variance are those which are kept,": (means, variances),
        }.items():
            z = (x - m) / (v + eps).sqrt()
            y = (z if weight is None else z * weight) + (0.0 if bias is None else bias)
            yield Explanation("wrong tensor", f"{which} {when}, not that of the batch", y)


def mixed(before: Tensor, new: Tensor, m: float) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the kind of a cause, its words, and what is then kept."""
    yield "option otherwise", "momentum and 1 - momentum are exchanged", m * before + (1 - m) * new
    yield "option otherwise", "momentum is not looked at: the batch's own value is kept", new
    yield "stale", "it is not updated", before
    yield "missing term", "the value before is left out: it is momentum times the batch's", m * new
    yield "factor missing", "the value before counts whole, not by 1 - momentum", before + m * new
