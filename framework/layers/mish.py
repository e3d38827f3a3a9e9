"""Self-regularised activation."""

import torch
from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def parts(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return t = tanh(log(1 + exp x)) and 1 - t², by w = exp(-|x|), which does not overflow."""
    w, above = x.abs().neg().exp_(), x > 0
    n = (w + 2).mul_(w)  # (1 + w)² - 1
    square = w * w
    whole = torch.where(above, 2 * square + 2 * w + 1, n + 2)
    rest = (n + 1).mul_(torch.where(above, square, 1)).mul_(4).div_(whole).div_(whole)
    return torch.where(above, 2 * w + 1, n).div_(whole), rest


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return parts(wide(x))[0].mul_(x).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    x = wide(saved[0])
    t, rest = parts(x)
    return x.sigmoid().mul_(x).mul_(rest).add_(t).mul_(dy).to(dy.dtype)


class Mish(Layer):
    """Weigh every element by the hyperbolic tangent of its softplus.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x t;  t = tanh(log(1 + exp(x)))
    Backward  dx = (t + x sigmoid(x) (1 - t²)) dy
    Source    Misra 2020, "Mish: a self regularized non-monotonic activation function", eq. 1; torch.nn.Mish.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
