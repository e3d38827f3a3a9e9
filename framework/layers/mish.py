"""Self-regularised activation."""

import torch
from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def parts(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return t = tanh(log(1 + exp x)), its denominator and u (u + v), where exp x = v / u and neither overflows."""
    u, v = x.clamp_min(0).neg_().exp_(), x.clamp_max(0).exp_()
    t = (u + u).add_(v).mul_(v)  # ((u + v)² - u²)
    whole = torch.addcmul(t, u, u, value=2)  # / ((u + v)² + u²)
    return t.div_(whole), whole, u.mul_(v.add_(u))


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return parts(wide(x))[0].mul_(x).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    x = wide(saved[0])
    t, whole, product = parts(x)
    rest = product.div_(whole).square_().mul_(4)  # 1 - t²
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
