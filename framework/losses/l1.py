"""Mean absolute error."""

from torch import Tensor

from framework.losses.loss import Loss, chained, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
    difference = p - t
    return difference.abs(), (difference,)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    (difference,) = saved
    return chained(difference.sign(), dy, scale)


class L1Loss(Loss):
    """Distance between prediction and target.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = |p - t|
    Backward  dp = sign(p - t) · scale · dy, where sign(0) = 0
    Source    Laplace 1774, "Mémoire sur la probabilité des causes par les événements", §5; torch.nn.L1Loss.
    Raises    ValueError if p and t differ in shape or device; TypeError if they differ in dtype.
    """

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
