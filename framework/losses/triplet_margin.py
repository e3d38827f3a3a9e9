"""Distances to what is alike that are to be a margin shorter than to what is not."""

from math import inf

import torch
from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, alike, chained
from framework.module import Saved
from framework.precision import wide


def forward(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float, p: float, eps: float, swap: bool
) -> tuple[Tensor, Saved]:
    pairs = ((anchor, positive), (anchor, negative), (positive, negative))[: 2 + swap]
    differences = [(wide(one) - other).add_(eps) for one, other in pairs]
    near, far, *across = distances = [torch.linalg.vector_norm(difference, p, -1) for difference in differences]
    lacks = near + margin - (torch.minimum(far, *across) if swap else far)
    return lacks.clamp_min(0).to(anchor.dtype), (lacks, *differences, *distances)


def pulled(dn: Tensor, difference: Tensor, n: Tensor, p: float) -> Tensor:
    """Return dn · ∂n/∂difference of n, the p-norm over the last axis; where a power of zero has no derivative, 0."""
    dn, n = dn.unsqueeze(-1), n.unsqueeze(-1)
    if p == 2:
        return difference * dn.div(n).masked_fill_(n == 0, 0)
    if p == 1:
        return difference.sign().mul_(dn)
    size = difference.abs()
    if p == inf:
        largest = (size == n).logical_or_(size.isnan())
        return difference.sign().mul_(dn / largest.sum(-1, keepdim=True)).mul_(largest)
    return size.div_(n).pow_(p - 1).mul_(difference.sign()).mul_(dn).masked_fill_(difference == 0, 0)


def backward(dy: Tensor, saved: Saved, p: float, scale: float = 1.0) -> tuple[Tensor, ...]:
    (lacks, *rest), pairs = saved, len(saved) // 2
    differences, distances = rest[:pairs], rest[pairs:]
    dlacks = chained((lacks >= 0).to(lacks.dtype), wide(dy), scale)
    near = pulled(dlacks, differences[0], distances[0], p)
    if pairs == 2:
        far = pulled(dlacks, differences[1], distances[1], p)
        gradients = near - far, near.neg_(), far
    else:  # of two that are equally far, a half each
        _, to_anchor, to_positive = distances
        share = (to_anchor <= to_positive).to(dlacks).add_(to_anchor < to_positive).div_(2)
        far = pulled(dlacks * share, differences[1], to_anchor, p)
        across = pulled(dlacks * (1 - share), differences[2], to_positive, p)
        gradients = near - far, near.neg_().sub_(across), far.add_(across)
    return tuple(gradient.to(dy.dtype) for gradient in gradients)


class TripletMarginLoss(Loss):
    """What the distance of an anchor from its positive lacks of being a margin shorter than from its negative.

    Shapes    anchor, positive, negative, their gradients  (N, D) or (D,)
              y, dy                                        (), or (N,) or () when reduction is none
    Forward   values = max(v, 0),  v = n(anchor - positive) + margin - n(anchor - negative);
              n(u) = (Σ |u + eps|^p)^(1/p) over D, for p = inf max |u + eps|;
              with swap n(positive - negative) in place of the last where it is less
    Backward  g = scale · dy where v >= 0, else 0;  dn/du = sign(w) (|w| / n)^(p - 1),  w = u + eps, and 0 where w is 0;
              for p = inf sign(w) shared among the largest |w|;  two distances that are equal have half of g each;
              danchor and so on are the sums of g dn/du, each with the sign of the input in u, and of n in v
    Source    Balntas, Riba, Ponsa & Mikolajczyk 2016, "Learning local feature descriptors with triplets and shallow
              convolutional neural networks", §3.1; torch.nn.TripletMarginLoss.
    Raises    ValueError if margin or p is not above 0, eps not finite, or the inputs differ in shape or device, or have
              other axes; TypeError if one of these is no number, swap no bool, or the inputs differ in dtype.
    """

    takes = ("anchor", "positive", "negative")

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.margin = arguments.above(self.label(), "margin", margin)
        self.p = inf if p == inf else arguments.above(self.label(), "p", p)
        self.eps = arguments.number(self.label(), "eps", eps)
        self.swap = arguments.boolean(self.label(), "swap", swap)

    def options(self) -> dict[str, object]:
        return super().options() | {"margin": self.margin, "p": self.p, "eps": self.eps, "swap": self.swap}

    def validate(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
        alike(self.label(), self.takes, (anchor, positive, negative), most_axes=2)

    def compute(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> tuple[Tensor, Saved]:
        return forward(anchor, positive, negative, self.margin, self.p, self.eps, self.swap)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.p, scale)
