"""Losses of the class that was to be chosen among several."""

from torch import Tensor

import framework
from framework.losses.classes import ClassLoss, along
from framework.tape.compositions.losses import reduced
from framework.tape.compositions.softmaxes import log_shares
from framework.tape.joining import where
from framework.tape.variable import Variable


def likelihood(loss: ClassLoss, log_q: Variable, t: Tensor, smoothing: float = 0) -> Variable:
    """Return -log_q of the class t at every position, weighed; the mean is over the weights of what is not ignored.

    smoothing   the share of each target that is spread evenly over the classes
    """
    axis, ignored = loss.axis(log_q.tensor), t == loss.ignore_index
    places = t.masked_fill(ignored, 0).unsqueeze(axis)
    weight = None if loss.weight is None else loss.weight.to(log_q.tensor.dtype)
    weights = (log_q.tensor.new_ones(t.shape) if weight is None else weight[places.squeeze(axis)]).masked_fill(
        ignored, 0
    )
    values = -log_q.gather(axis, places).reshape(t.shape) * weights
    if smoothing:
        every = log_q if weight is None else log_q * along(weight, log_q.tensor, axis)
        values = values * (1 - smoothing) - every.mean(axis) * smoothing
    if ignored.any():
        values = where(ignored, 0.0, values)
    if loss.reduction != "mean" or (weight is None and not ignored.any()):
        return reduced(loss, values)
    return values.sum() / weights.sum()


def cross_entropy(loss: framework.CrossEntropyLoss, p: Variable, t: Variable | Tensor) -> Variable:
    axis, smoothing = loss.axis(p.tensor), loss.label_smoothing
    log_q = log_shares(p, axis)
    if isinstance(t, Tensor):
        return likelihood(loss, log_q, t, smoothing)
    target = t * (1 - smoothing) + smoothing / p.shape[axis] if smoothing else t
    if loss.weight is not None:
        target = target * along(loss.weight.to(p.tensor.dtype), p.tensor, axis)
    return reduced(loss, -(log_q * target).sum(axis))
