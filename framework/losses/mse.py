"""Mean squared error."""

from torch import Tensor

from framework.losses.loss import Loss, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
    difference = p - t
    return difference.square(), (difference,)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    (difference,) = saved
    return (difference * (2 * scale)).mul_(dy)


class MSELoss(Loss):
    """Square of the difference between prediction and target.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = (p - t)²
    Backward  dp = 2 (p - t) · scale · dy
    Source    Gauss 1809, §179; the mean over all elements as in paper 000, eq. 8-10, and torch.nn.MSELoss.
    Raises    ValueError if p and t differ in shape or device; TypeError if they differ in dtype.
    """

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
