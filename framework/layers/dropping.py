"""What layers share that drop a part of what they are given while they train."""

from abc import abstractmethod

import torch
from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved


def mask(x: Tensor, p: float, shape: tuple[int, ...]) -> Tensor:
    """Return m: 0 with probability p, else 1 / (1 - p), in the format of x."""
    drawn = torch.rand(shape, device=x.device).ge_(p)  # in float32: 16 bits hold too few numbers for a rate
    return drawn.to(x.dtype).mul_(1 / (1 - p) if p < 1 else 0.0)


def forward(x: Tensor, p: float, shape: tuple[int, ...]) -> tuple[Tensor, Saved]:
    m = mask(x, p, shape)
    return x * m, (m,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    (m,) = saved
    return dy * m


class Dropping(Layer):
    """A layer that multiplies by 0 or 1 / (1 - p); what else there is to know of it is the shape of its draw."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = arguments.number(self.label(), "p", p)
        if not 0 <= self.p <= 1:
            raise ValueError(f"{self.label()}: p must be in 0 ... 1, was {p}")
        if arguments.boolean(self.label(), "inplace", inplace):
            raise ValueError(f"{self.label()}: inplace must be False, since x belongs to the caller, was True")

    @abstractmethod
    def drawn(self, x: Tensor) -> tuple[int, ...]:
        """Return the shape of what is drawn for `x`, which is spread over it."""

    def options(self) -> dict[str, object]:
        return {"p": self.p}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.p, self.drawn(x)) if self.training and self.p else (x, ())

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved) if saved else dy,)
