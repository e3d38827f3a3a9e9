"""Gated linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor, dim: int) -> tuple[Tensor, Saved]:
    a, b = wide(x).chunk(2, dim)
    return b.sigmoid().mul_(a).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved, dim: int) -> Tensor:
    (x,) = saved
    dx = torch.empty_like(x)
    for part, d, out in ((x, dy, dx),) if dim % x.dim() == 0 else blocks.cut(x, dy, dx):
        a, b = wide(part).chunk(2, dim)
        da, db = out.chunk(2, dim)
        s = b.sigmoid()
        torch.mul(s, d, out=da)
        torch.mul((1 - s).mul_(a).mul_(s), d, out=db)
    return dx


class GLU(Layer):
    """Weigh the first half along an axis by the sigmoid of the second.

    Shapes    x, dx  (*, 2n, *);  y, dy  (*, n, *), the n along dim
    Forward   y  = a s;  a, b = the halves of x, s = sigmoid(b)
    Backward  da = s dy;  db = a s (1 - s) dy;  dx = both, one after the other
    Source    Dauphin, Fan, Auli & Grangier 2017, "Language modeling with gated convolutional networks", eq. 1;
              torch.nn.GLU.
    Raises    TypeError if dim is no int or x is not floating; ValueError if x has no axis dim, or an odd one.
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = arguments.integer(self.label(), "dim", dim)

    def options(self) -> dict[str, object]:
        return {"dim": self.dim}

    def validate(self, x: Tensor) -> None:
        axis = arguments.axis(self.label(), "dim", self.dim, arguments.floating(self.label(), "x", x))
        if not x.dim() or x.shape[axis] % 2:
            raise ValueError(f"{self.label()}: x must have two halves along dim {self.dim}, was {tuple(x.shape)}")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.dim)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.dim),)
