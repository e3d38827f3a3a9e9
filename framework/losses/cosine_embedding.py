"""Directions that are to be one for what is alike, and beyond a margin for what is not."""

import torch
from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, alike, chained
from framework.losses.signs import only_signs, signs
from framework.module import Saved
from framework.precision import wide

EPS = 9.999999960041972e-13  # in every square of a length: 1e-12 in float32, as in torch for every dtype


def length(x: Tensor) -> Tensor:
    return x.square().sum(-1).add_(EPS).sqrt_()


def forward(input1: Tensor, input2: Tensor, target: Tensor, margin: float) -> tuple[Tensor, Saved]:
    one, two = wide(input1), wide(input2)
    length1, length2 = length(one), length(two)
    cosine = (one * two).sum(-1).div_(length1 * length2)
    values = torch.where(target == 1, 1 - cosine, (cosine - margin).clamp_min_(0))
    return values.to(input1.dtype), (input1, input2, target, cosine, length1, length2)


def backward(dy: Tensor, saved: Saved, margin: float, scale: float = 1.0) -> tuple[Tensor, Tensor]:
    input1, input2, target, cosine, length1, length2 = saved
    slope = (cosine >= margin).to(cosine.dtype).masked_fill_(target == 1, -1)
    dcosine = chained(slope, wide(dy), scale)
    across = dcosine.div(length1 * length2).unsqueeze(-1)
    along1, along2 = (dcosine.mul(cosine).div_(own.square()).unsqueeze(-1) for own in (length1, length2))
    dinput1 = (input2 * across).addcmul_(wide(input1), along1, value=-1)
    dinput2 = (input1 * across).addcmul_(wide(input2), along2, value=-1)
    return dinput1.to(input1.dtype), dinput2.to(input1.dtype)


class CosineEmbeddingLoss(Loss):
    """What the cosine of two vectors lacks of 1 where target is 1, and what it has over a margin where target is -1.

    Shapes    input1, input2, dinput1, dinput2  (N, D) or (D,)
              target                            (N,) or (), in the dtype of input1 or int64
              y, dy                             (), or as target when reduction is none
    Forward   values = 1 - c where target = 1, max(c - margin, 0) where target = -1,  c = Σ input1 input2 / (l1 l2),
              l = (Σ input² + 1e-12)^(1/2), sums over D
    Backward  dc      = -scale · dy where target = 1; scale · dy where target = -1 and c >= margin; else 0
              dinput1 = dc (input2 / (l1 l2) - c input1 / l1²);  dinput2 alike
    Source    torch.nn.CosineEmbeddingLoss; the margin as in Hadsell, Chopra & LeCun 2006, §2.
    Raises    ValueError if margin is not finite, target holds anything but 1 and -1, the inputs differ in shape or
              device, or have other axes; TypeError if margin is no number, or the inputs differ in dtype.
    """

    takes = ("input1", "input2", "target")

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = arguments.number(self.label(), "margin", margin)

    def options(self) -> dict[str, object]:
        return super().options() | {"margin": self.margin}

    def validate(self, input1: Tensor, input2: Tensor, target: Tensor) -> None:
        layer = self.label()
        alike(layer, self.takes[:2], (input1, input2), most_axes=2)
        signs(layer, "target", target, input1.shape[:-1], input1, "input1")

    def examine(self, input1: Tensor, input2: Tensor, target: Tensor) -> Saved:
        only_signs(self.label(), "target", target)
        return input1, input2, target

    def compute(self, input1: Tensor, input2: Tensor, target: Tensor) -> tuple[Tensor, Saved]:
        return forward(input1, input2, target, self.margin)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> tuple[Tensor, Tensor]:
        return backward(dy, saved, self.margin, scale)
