"""Logarithm of the logistic function."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return wide(x).clamp(max=0).sub_(wide(x).abs().neg().exp_().log1p_()).to(x.dtype), (x,)


def backward(dy: Tensor, saved: Saved) -> Tensor:
    return wide(saved[0]).neg().sigmoid_().mul_(dy).to(dy.dtype)


class LogSigmoid(Layer):
    """Take the logarithm of the sigmoid, in a form that no exponential overflows.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))
    Backward  dx = sigmoid(-x) dy
    Source    torch.nn.LogSigmoid.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved),)
