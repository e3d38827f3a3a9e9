"""Logistic function of straight lines."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.module import Layer, Saved
from framework.precision import wide

REACH = 3  # on either side of zero, where the slope ends


@blocks.pointwise
def share(x: Tensor, out: Tensor | None = None) -> Tensor:
    return torch.add(wide(x), REACH, out=out).clamp_(0, 2 * REACH).div_(2 * REACH).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return share(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    distance = torch.abs(x, out=out)
    return masks.kept(dy, masks.where(torch.lt, distance, REACH, distance)).div_(2 * REACH)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class Hardsigmoid(Layer):
    """Squash every element into [0, 1], along a straight line.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = min(max(x + 3, 0), 6) / 6
    Backward  dx = dy / 6 where -3 < x < 3, else 0: also where x is nan
    Source    Courbariaux, Bengio & David 2015, "BinaryConnect: training deep neural networks with binary weights during
              propagations", eq. 3, of slope 1 / 2; torch.nn.Hardsigmoid, of slope 1 / 6.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
