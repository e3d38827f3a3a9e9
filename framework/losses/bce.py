"""Binary cross-entropy of probabilities."""

from torch import Tensor

from framework import arguments
from framework.losses.loss import matched
from framework.losses.weighted import WeightedLoss
from framework.module import Saved

LOWEST_LOG = -100.0  # torch's bound, which keeps the loss of a certain but wrong prediction finite
LEAST_VARIANCE = 9.999999960041972e-13  # torch's bound: 1e-12 as its kernels have it, rounded to float32


def forward(p: Tensor, t: Tensor, weight: Tensor | None) -> tuple[Tensor, Saved]:
    log_p, log_rest = p.log().clamp_min_(LOWEST_LOG), (-p).log1p_().clamp_min_(LOWEST_LOG)
    values = (t - 1).mul_(log_rest).sub_(log_p.mul_(t))
    return (values, (p, t)) if weight is None else (values.mul_(weight), (p, t, weight))


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    p, t, *weights = saved
    variance = (1 - p).mul_(p).clamp_min_(LEAST_VARIANCE)
    dp = (p - t).mul_(dy).div_(variance).mul_(scale)
    return dp.mul_(weights[0]) if weights else dp


class BCELoss(WeightedLoss):
    """Negative log-likelihood of t under independent coins of probability p.

    Shapes    p, t, dp  (*)
              weight    what broadcasts to (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = weight (-t max(log p, -100) - (1 - t) max(log(1 - p), -100));
              the mean divides by their number, whatever they weigh
    Backward  dp = weight (p - t) / max((1 - p) p, 1e-12) · scale · dy
    Source    Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.90; bounds as torch.nn.BCELoss, whose
              size_average and reduce are not taken.
    Raises    ValueError if p or t leaves [0, 1] or is nan, they differ in shape or device, or weight does not broadcast
              to p; TypeError if a dtype differs from that of p.
    """

    weight: Tensor | None

    def __init__(self, reduction: str = "mean", weight: Tensor | None = None) -> None:
        super().__init__(reduction, weight=weight)

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)
        self.fitting("weight", p)

    def examine(self, p: Tensor, t: Tensor) -> Saved:
        arguments.within(self.label(), "p", p, 0, 1)
        arguments.within(self.label(), "t", t, 0, 1)
        return p, t

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.weight)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
