"""Binary cross-entropy of logits."""

import torch
from torch import Tensor

from framework import blocks
from framework.exponential import exp_
from framework.losses.loss import matched
from framework.losses.weighted import WeightedLoss
from framework.module import Saved


@blocks.pointwise
def unweighed(p: Tensor, t: Tensor, out: Tensor | None = None) -> Tensor:
    # (1 - t) p - min(p, 0) is max(p, 0) - t p, and stays what torch gives where p is infinite
    values = torch.sub(t.new_ones(()), t, out=out).mul_(p)
    return values.sub_(p.clamp_max(0)).add_(softplus(p))


def softplus(p: Tensor) -> Tensor:
    """Return log(1 + exp(-|p|))."""
    return exp_(p.abs(), -1).log1p_()


def forward(p: Tensor, t: Tensor, weight: Tensor | None, pos_weight: Tensor | None) -> tuple[Tensor, Saved]:
    if pos_weight is None:
        values = unweighed(p, t)
    else:
        values = (1 - t).mul_(p)
        values.add_(softplus(p).sub_(p.clamp_max(0)).mul_(emphasis(t, pos_weight)))
    constants = tuple(constant for constant in (weight, pos_weight) if constant is not None)
    return values if weight is None else values.mul_(weight), (p, t, *constants)


def backward(dy: Tensor, saved: Saved, weight: bool, pos_weight: bool, scale: float = 1.0) -> Tensor:
    p, t, *constants = saved
    dp = p.sigmoid()
    if pos_weight:
        dp.mul_(emphasis(t, constants[-1])).sub_(t * constants[-1])
    else:
        dp.sub_(t)
    dp.mul_(dy).mul_(scale)
    return dp.mul_(constants[0]) if weight else dp


def emphasis(t: Tensor, pos_weight: Tensor) -> Tensor:
    """Return what the two terms weigh together: 1 - t + pos_weight t."""
    return (pos_weight - 1).mul(t).add_(1)


class BCEWithLogitsLoss(WeightedLoss):
    """Negative log-likelihood of t under independent coins whose log-odds are p: BCELoss after Sigmoid, but stable.

    Shapes    p, t, dp            (*)
              weight, pos_weight  what broadcasts to (*)
              y, dy               (), or (*) when reduction is none
    Forward   values = weight ((1 - t) p + e (log(1 + exp(-|p|)) + max(-p, 0))), e = 1 - t + pos_weight t;
              the mean divides by their number, whatever they weigh
    Backward  dp = weight (e sigmoid(p) - pos_weight t) · scale · dy
    Source    Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.90 and 4.91; torch.nn.BCEWithLogitsLoss,
              whose size_average and reduce are not taken.
    Raises    ValueError if p and t differ in shape or device, or weight or pos_weight does not broadcast to p;
              TypeError if a dtype differs from that of p.
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(self, reduction: str = "mean", weight: Tensor | None = None, pos_weight: Tensor | None = None) -> None:
        super().__init__(reduction, weight=weight, pos_weight=pos_weight)

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)
        self.fitting("weight", p)
        self.fitting("pos_weight", p)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.weight, self.pos_weight)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.weight is not None, self.pos_weight is not None, scale)
