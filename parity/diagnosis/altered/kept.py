"""Hypotheses of what a layer keeps from call to call: the mean and the variance of batches, mixed in the wrong way."""

from collections.abc import Iterator

from torch import Tensor

from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import Explanation, Explanations, Symptom


def otherwise(symptom: Symptom) -> Explanations:
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
        yield Explanation("formula", words, (1 - m) * before + m * new.clamp_min(0).sqrt())


def mixed(before: Tensor, new: Tensor, m: float) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the kind of a cause, its words, and what is then kept."""
    yield "option otherwise", "momentum and 1 - momentum are exchanged", m * before + (1 - m) * new
    yield "option otherwise", "momentum is not looked at: the batch's own value is kept", new
    yield "stale", "it is not updated", before
    yield "missing term", "the value before is left out: it is momentum times the batch's", m * new
    yield "factor missing", "the value before counts whole, not by 1 - momentum", before + m * new
