"""Half the squared error, continued by straight lines."""

from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, chained, matched
from framework.module import Saved


def forward(p: Tensor, t: Tensor, delta: float) -> tuple[Tensor, Saved]:
    difference = p - t
    slope = difference.clamp(-delta, delta)
    return difference.sub_(slope, alpha=0.5).mul_(slope), (slope,)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> Tensor:
    (slope,) = saved
    return chained(slope.clone(), dy, scale)


class HuberLoss(Loss):
    """Half the squared difference up to delta, and the straight line of the same slope beyond.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = s (|p - t| - s / 2), s = min(|p - t|, delta):
              (p - t)² / 2 where |p - t| < delta, delta (|p - t| - delta / 2) elsewhere
    Backward  dp = min(max(p - t, -delta), delta) · scale · dy
    Source    Huber 1964, "Robust estimation of a location parameter", §1; torch.nn.HuberLoss.
    Raises    ValueError if delta is not above zero or not finite, or p and t differ in shape or device; TypeError if
              delta is no number, or p and t differ in dtype.
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = arguments.above(self.label(), "delta", delta)

    def options(self) -> dict[str, object]:
        return super().options() | {"delta": self.delta}

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.delta)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, scale)
