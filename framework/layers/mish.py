"""Self-regularised activation."""

import torch
from torch import Tensor

from framework import arguments, blocks
from framework.exponential import exp_
from framework.module import Layer, Saved
from framework.precision import wide

FLAT = 20.0  # beyond, t is 1 in every format


def parts(x: Tensor, out: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return e = exp(min(x, FLAT)), n = e (e + 2) and n + 2: t = tanh(log(1 + e)) is their ratio."""
    e = exp_(torch.clamp_max(x, FLAT, out=out))
    n = (e + 2).mul_(e)
    return e, n, n + 2


@blocks.pointwise
def weighed(x: Tensor, out: Tensor | None = None) -> Tensor:
    e, n, whole = parts(wide(x), out)
    return torch.div(n, whole, out=e).mul_(x).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return weighed(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    values = wide(x)
    e, n, whole = parts(values, out)
    bend = torch.sub(n, e, out=e).mul_(values.clamp_max(FLAT)).div_(whole)  # e (1 + e) = n - e
    return n.add_(bend, alpha=4).div_(whole).mul_(dy).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


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
