"""Logistic function of straight lines."""

import torch
from torch import Tensor

from framework import arguments, masks
from framework.module import Layer, Saved
from framework.precision import wide

REACH = 3  # on either side of zero, where the slope ends


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return wide(x).add(REACH).clamp_(0, 2 * REACH).div_(2 * REACH).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    (x,) = saved
    return masks.kept(dy.div(2 * REACH), masks.where(torch.lt, x.abs(), REACH))


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
