"""Scaled exponential linear unit."""

from torch import Tensor

from framework import arguments, blocks
from framework.layers import elu
from framework.module import Layer, Saved
from framework.precision import wide

ALPHA, SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@blocks.pointwise
def bent(x: Tensor, out: Tensor | None = None) -> Tensor:
    return elu.bent(wide(x), ALPHA, out=out).mul_(SCALE).to(x.dtype)


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return bent(x), (x,)


@blocks.pointwise
def sloped(dy: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    return elu.sloped(wide(dy), wide(x), ALPHA, out=out).mul_(SCALE).to(dy.dtype)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return sloped(dy, *saved)


class SELU(Layer):
    """Pass what is positive, bend what is negative, and scale both, so that mean 0 and variance 1 are kept.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = λ x where x > 0, else λ α (exp(x) - 1);  λ = 1.0507, α = 1.6733, to all digits in the code
    Backward  dx = λ dy where x > 0, else λ α exp(x) dy
    Source    Klambauer, Unterthiner, Mayr & Hochreiter 2017, "Self-normalizing neural networks", eq. 2 and 14;
              torch.nn.SELU.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
