"""Of two scores, the one that is to be higher."""

from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, alike, chained
from framework.losses.signs import only_signs, signs
from framework.module import Saved


def forward(input1: Tensor, input2: Tensor, target: Tensor, margin: float) -> tuple[Tensor, Saved]:
    lacks = (input2 - input1).mul_(target).add_(margin)
    return lacks.clamp_min(0), (lacks, target)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> tuple[Tensor, Tensor]:
    lacks, target = saved
    dinput2 = chained((lacks >= 0).to(lacks.dtype).mul_(target), dy, scale)
    return dinput2.neg(), dinput2


class MarginRankingLoss(Loss):
    """What a score lacks of being a margin higher than another: the first where target is 1, the second where it is -1.

    Shapes    input1, input2, target, dinput1, dinput2  (*), target in the dtype of input1 or int64
              y, dy                                     (), or (*) when reduction is none
    Forward   values = max(margin - target (input1 - input2), 0)
    Backward  dinput1 = -target · scale · dy where margin - target (input1 - input2) >= 0, else 0;  dinput2 = -dinput1
    Source    Herbrich, Graepel & Obermayer 2000, "Large margin rank boundaries for ordinal regression", §3;
              torch.nn.MarginRankingLoss.
    Raises    ValueError if margin is not finite, target holds anything but 1 and -1, or the inputs differ in shape or
              device; TypeError if margin is no number, or the inputs differ in dtype but for a target of int64.
    """

    takes = ("input1", "input2", "target")

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = arguments.number(self.label(), "margin", margin)

    def options(self) -> dict[str, object]:
        return super().options() | {"margin": self.margin}

    def validate(self, input1: Tensor, input2: Tensor, target: Tensor) -> None:
        alike(self.label(), self.takes[:2], (input1, input2))
        signs(self.label(), "target", target, input1.shape, input1, "input1")

    def examine(self, input1: Tensor, input2: Tensor, target: Tensor) -> Saved:
        only_signs(self.label(), "target", target)
        return input1, input2, target

    def compute(self, input1: Tensor, input2: Tensor, target: Tensor) -> tuple[Tensor, Saved]:
        return forward(input1, input2, target, self.margin)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> tuple[Tensor, Tensor]:
        return backward(dy, saved, scale)
