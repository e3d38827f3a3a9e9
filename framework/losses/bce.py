"""Binary cross-entropy of probabilities."""

from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, matched
from framework.module import Saved

LOWEST_LOG = -100.0  # torch's bound, which keeps the loss of a certain but wrong prediction finite
LEAST_VARIANCE = 9.999999960041972e-13  # torch's bound: 1e-12 as its kernels have it, rounded to float32


def forward(p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
    log_p, log_rest = p.log().clamp_min_(LOWEST_LOG), (-p).log1p_().clamp_min_(LOWEST_LOG)
    return (t - 1).mul_(log_rest).sub_(log_p.mul_(t)), (p, t)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    p, t = saved
    variance = (1 - p).mul_(p).clamp_min_(LEAST_VARIANCE)
    return (p - t).mul_(dy).div_(variance).mul_(scale)


class BCELoss(Loss):
    """Negative log-likelihood of t under independent coins of probability p.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = -t max(log p, -100) - (1 - t) max(log(1 - p), -100)
    Backward  dp = (p - t) / max((1 - p) p, 1e-12) · scale · dy
    Source    Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.90; bounds as torch.nn.BCELoss.
    Raises    ValueError if p or t leaves [0, 1] or is nan, or they differ in shape or device; TypeError if in dtype.
    """

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)
        arguments.within(self.label(), "p", p, 0, 1)
        arguments.within(self.label(), "t", t, 0, 1)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
