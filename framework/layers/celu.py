"""Continuously differentiable exponential linear unit."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide

TINY = 2.0**-126  # the least alpha: float32 cannot divide by less


def forward(x: Tensor, alpha: float) -> tuple[Tensor, Saved]:
    values = wide(x)
    below = values.div(alpha).clamp_max_(0).expm1_().mul_(alpha)
    return below.add_(values.clamp_min(0)).to(x.dtype), (x,)  # one of the two is 0


def backward(dy: Tensor, saved: Saved, alpha: float) -> Tensor:
    slope = wide(saved[0]).div(alpha).clamp_max_(0).exp_()  # 1 where x is positive
    return slope.mul_(dy).to(dy.dtype)


class CELU(Layer):
    """Pass what is positive, and bend what is negative towards -alpha, with the slope 1 at zero whatever alpha is.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x where x > 0, else alpha (exp(x / alpha) - 1)
    Backward  dx = dy where x > 0, else exp(x / alpha) dy
    Source    Barron 2017, "Continuously differentiable exponential linear units", eq. 2; torch.nn.CELU.
    Raises    TypeError if alpha is no number or x no floating-point tensor; ValueError if alpha is not finite and
              positive.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = arguments.number(self.label(), "alpha", alpha, least=TINY)

    def options(self) -> dict[str, object]:
        return {"alpha": self.alpha}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.alpha)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.alpha),)
