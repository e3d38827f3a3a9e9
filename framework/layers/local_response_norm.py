"""Normalisation of every channel by the channels beside it."""

import torch
from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def summed(x: Tensor, size: int, before: int) -> Tensor:
    """Return for every channel the sum over itself, `before` channels before it and the rest of `size` behind it."""
    if not x.numel():
        return x.clone()  # no window fits
    framed = torch.constant_pad_nd(x, (*[0] * (2 * x.dim() - 4), before, size - 1 - before))
    return framed.unfold(1, size, 1).sum(-1)


def forward(x: Tensor, size: int, alpha: float, beta: float, k: float) -> tuple[Tensor, Saved]:
    base = summed(wide(x).square(), size, size // 2).mul_(alpha / size).add_(k)
    factor = base.pow(-beta)
    return (factor * x).to(x.dtype), (x, base, factor)


def backward(dy: Tensor, saved: Saved, size: int, alpha: float, beta: float) -> Tensor:
    x, base, factor = saved
    direct = factor * dy
    beside = summed((direct * x).div_(base), size, (size - 1) // 2)  # the windows seen from inside
    return direct.addcmul_(beside, wide(x), value=-2 * alpha * beta / size).to(dy.dtype)


class LocalResponseNorm(Layer):
    """Damp every channel where its neighbours are strong.

    Shapes    x, dx, y, dy  (N, C, *), with one axis or more behind C
    Forward   y  = x base^-beta;  base = k + alpha / size · Σ x², over the size channels from size // 2 before to
              (size - 1) // 2 behind; beyond the first and the last, x is 0
    Backward  dx = dy base^-beta - 2 alpha beta / size · x Σ dy x base^(-beta - 1), over the channels whose sum x is in:
              from (size - 1) // 2 before to size // 2 behind
    Source    Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks",
              §3.3, whose alpha is alpha / size here, as in torch.nn.LocalResponseNorm.
    Raises    ValueError if size is below 1, a number is not finite, or x has fewer than 3 axes; TypeError if x is not a
              floating-point tensor, or an option is of another type.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = arguments.whole(self.label(), "size", size, 1)
        self.alpha = arguments.number(self.label(), "alpha", alpha)
        self.beta = arguments.number(self.label(), "beta", beta)
        self.k = arguments.number(self.label(), "k", k)

    def options(self) -> dict[str, object]:
        return {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}

    def validate(self, x: Tensor) -> None:
        arguments.channelled(self.label(), x, None, 3)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.size, self.alpha, self.beta, self.k)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.size, self.alpha, self.beta),)
