"""Soft shrinkage."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.module import Layer, Saved


@blocks.pointwise
def shrunk(x: Tensor, lambd: float, out: Tensor | None = None) -> Tensor:
    held = torch.clamp(x, -lambd, lambd, out=out)
    return torch.sub(x, held, out=held)


def forward(x: Tensor, lambd: float) -> tuple[Tensor, Saved]:
    return shrunk(x, lambd), (x,)


@blocks.pointwise
def passed(dy: Tensor, x: Tensor, lambd: float, out: Tensor | None = None) -> Tensor:
    size = torch.abs(x, out=out)
    return masks.kept(dy, masks.where(torch.gt, size, lambd, size))


def backward(dy: Tensor, saved: Saved, lambd: float) -> Tensor:
    return passed(dy, *saved, lambd)


class Softshrink(Layer):
    """Move every element towards zero by a fixed length, and let none pass beyond it.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x - min(max(x, -lambd), lambd)
    Backward  dx = dy where |x| > lambd, else 0: also where x is nan
    Source    Donoho 1995, "De-noising by soft-thresholding", eq. 1; torch.nn.Softshrink.
    Raises    TypeError if lambd is no number or x no floating-point tensor; ValueError if lambd is negative or not
              finite.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = arguments.number(self.label(), "lambd", lambd, least=0)

    def options(self) -> dict[str, object]:
        return {"lambd": self.lambd}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.lambd)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.lambd),)
