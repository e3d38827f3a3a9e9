"""Smooth approximation of the rectified linear unit."""

import torch
from torch import Tensor

from framework import arguments, blocks, masks
from framework.exponential import exp
from framework.module import Layer, Saved
from framework.precision import wide


@blocks.pointwise
def bent(x: Tensor, beta: float, threshold: float, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    scaled = values if beta == 1 else values.mul(beta)
    curve = exp(scaled).log1p_()
    straight = masks.where(torch.gt, scaled, threshold, out)
    return masks.either(straight, values, curve if beta == 1 else curve.div_(beta)).to(x.dtype)


def forward(x: Tensor, beta: float, threshold: float) -> tuple[Tensor, Saved]:
    return bent(x, beta, threshold), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, beta: float, threshold: float, out: Tensor | None = None) -> Tensor:
    scaled = wide(x) if beta == 1 else wide(x).mul(beta)
    straight = masks.ones(torch.gt, scaled, threshold, out)  # where the slope is 1, and elsewhere it is no more
    return torch.maximum(straight, scaled.sigmoid(), out=straight).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved, beta: float, threshold: float) -> Tensor:
    return sloped(dy, *saved, beta, threshold)


class Softplus(Layer):
    """Bend every element smoothly between zero and itself.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x where beta x > threshold, else log(1 + exp(beta x)) / beta
    Backward  dx = dy where beta x > threshold, else sigmoid(beta x) dy
    Source    Dugas, Bengio, Bélisle, Nadeau & Garcia 2001, "Incorporating second-order functional knowledge for better
              option pricing", eq. 5; torch.nn.Softplus, from which the threshold comes.
    Raises    TypeError if an option is no number or x no floating-point tensor; ValueError if one is not finite, or
              beta is 0.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = arguments.number(self.label(), "beta", beta)
        self.threshold = arguments.number(self.label(), "threshold", threshold)
        if not self.beta:
            raise ValueError(f"{self.label()}: beta must not be 0, was {beta}")

    def options(self) -> dict[str, object]:
        return {"beta": self.beta, "threshold": self.threshold}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.beta, self.threshold)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.beta, self.threshold),)
