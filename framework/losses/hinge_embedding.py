"""Distances that are to be small for what is alike, and beyond a margin for what is not."""

import torch
from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, chained
from framework.losses.signs import only_signs, signs
from framework.module import Saved


def forward(p: Tensor, t: Tensor, margin: float) -> tuple[Tensor, Saved]:
    return torch.where(t == 1, p, (margin - p).clamp_min_(0)), (p, t)


def backward(dy: Tensor, saved: Saved, margin: float, scale: float = 1.0) -> Tensor:
    p, t = saved
    return chained((p <= margin).to(p.dtype).neg_().masked_fill_(t == 1, 1), dy, scale)


class HingeEmbeddingLoss(Loss):
    """The distance p where t is 1, and what it lacks of a margin where t is -1.

    Shapes    p, t, dp  (*), t in the dtype of p or int64
              y, dy     (), or (*) when reduction is none
    Forward   values = p where t = 1, max(margin - p, 0) where t = -1
    Backward  dp = scale · dy where t = 1; -scale · dy where t = -1 and p <= margin; else 0
    Source    Hadsell, Chopra & LeCun 2006, "Dimensionality reduction by learning an invariant mapping", §2, without
              squares; torch.nn.HingeEmbeddingLoss.
    Raises    ValueError if margin is not finite, t holds anything but 1 and -1, or p and t differ in shape or device;
              TypeError if margin is no number, or t is neither int64 nor in the dtype of p.
    """

    def __init__(self, reduction: str = "mean", margin: float = 1.0) -> None:
        super().__init__(reduction)
        self.margin = arguments.number(self.label(), "margin", margin)

    def options(self) -> dict[str, object]:
        return super().options() | {"margin": self.margin}

    def validate(self, p: Tensor, t: Tensor) -> None:
        arguments.floating(self.label(), "p", p)
        signs(self.label(), "t", t, p.shape, p, "p")

    def examine(self, p: Tensor, t: Tensor) -> Saved:
        only_signs(self.label(), "t", t)
        return p, t

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.margin)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.margin, scale)
