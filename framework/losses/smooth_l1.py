"""Absolute error, rounded off at zero by a parabola."""

from torch import Tensor

from framework import arguments
from framework.losses import l1
from framework.losses.loss import Loss, chained, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor, beta: float) -> tuple[Tensor, Saved]:
    if beta == 0:
        return l1.forward(p, t)
    difference = p - t
    slope = difference.clamp(-1, 1) if beta == 1 else difference.div(beta).clamp_(-1, 1)
    return difference.sub_(slope, alpha=beta / 2).mul_(slope), (slope,)


def backward(dy: Tensor, saved: Saved, beta: float, scale: float = 1.0) -> Tensor:
    if beta == 0:
        return l1.backward(dy, saved, scale)
    (slope,) = saved
    return chained(slope.clone(), dy, scale)


class SmoothL1Loss(Loss):
    """Distance between prediction and target, less beta / 2, and a parabola where it is below beta; L1Loss for 0.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = s (|p - t| - beta s / 2), s = min(|p - t| / beta, 1):
              (p - t)² / (2 beta) where |p - t| < beta, |p - t| - beta / 2 elsewhere
    Backward  dp = min(max((p - t) / beta, -1), 1) · scale · dy
    Source    Girshick 2015, "Fast R-CNN", eq. 3; beta as in torch.nn.SmoothL1Loss.
    Raises    ValueError if beta is negative or not finite, or p and t differ in shape or device; TypeError if beta is
              no number, or p and t differ in dtype.
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = arguments.number(self.label(), "beta", beta, least=0.0)

    def options(self) -> dict[str, object]:
        return super().options() | {"beta": self.beta}

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.beta)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.beta, scale)
