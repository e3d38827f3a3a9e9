"""Binary cross-entropy of logits."""

from torch import Tensor

from framework.losses.loss import Loss, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
    softplus = p.abs().neg_().exp_().log1p_()
    # (1 - t) p - min(p, 0) is max(p, 0) - t p, and stays what torch gives where p is infinite
    return (1 - t).mul_(p).sub_(p.clamp_max(0)).add_(softplus), (p, t)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    p, t = saved
    return p.sigmoid().sub_(t).mul_(dy).mul_(scale)


class BCEWithLogitsLoss(Loss):
    """Negative log-likelihood of t under independent coins whose log-odds are p: BCELoss after Sigmoid, but stable.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = max(p, 0) - t p + log(1 + exp(-|p|))
    Backward  dp = (sigmoid(p) - t) · scale · dy
    Source    Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.90 and 4.91; torch.nn.BCEWithLogitsLoss.
    Raises    ValueError if p and t differ in shape or device; TypeError if they differ in dtype.
    """

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
