"""Kullback-Leibler divergence from log-probabilities."""

import torch
from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, chained, divided, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor, log_target: bool) -> tuple[Tensor, Saved]:
    if log_target:
        return t.exp().mul_(t - p), (t,)
    return torch.xlogy(t, t).addcmul_(t, p, value=-1), (t,)


def backward(dy: Tensor, saved: Saved, log_target: bool, scale: float = 1.0) -> Tensor:
    (t,) = saved
    return chained(t.exp().neg_() if log_target else -t, dy, scale)


class KLDivLoss(Loss):
    """How much the distribution t says that is not in the one whose logarithm is p.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = t (log t - p), where 0 log 0 = 0; or exp(t) (t - p) when log_target;
              batchmean divides their sum by the extent of the first axis, the mean by their number
    Backward  dp = -t · scale · dy, or -exp(t) · scale · dy; scale = 1 / N for batchmean
    Source    Kullback & Leibler 1951, "On information and sufficiency", eq. 2.4; torch.nn.KLDivLoss.
    Raises    ValueError if p and t differ in shape or device, or p has no axis and reduction is batchmean; TypeError if
              log_target is no bool, or p and t differ in dtype.
    """

    reductions = (*Loss.reductions, "batchmean")

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = arguments.boolean(self.label(), "log_target", log_target)

    def options(self) -> dict[str, object]:
        return super().options() | {"log_target": self.log_target}

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)
        if self.reduction == "batchmean" and not p.dim():
            raise ValueError(f"{self.label()}: p must have an axis of samples for reduction 'batchmean', had none")

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.log_target)

    def reduce(self, values: Tensor, saved: Saved) -> tuple[Tensor, float]:
        return divided(values, len(values)) if self.reduction == "batchmean" else super().reduce(values, saved)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.log_target, scale)
