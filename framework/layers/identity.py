"""Nothing done."""

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved


def forward(x: Tensor) -> tuple[Tensor, Saved]:
    return x, ()


def backward(dy: Tensor) -> Tensor:
    return dy


class Identity(Layer):
    """Hand on what is given: a placeholder where a layer is chosen.

    As in torch, y is x itself and dx is dy: writing to one writes to the other.

    Shapes    x, dx, y, dy  (*)
    Forward   y  = x
    Backward  dx = dy
    Source    torch.nn.Identity, which takes any arguments and reads none.
    Raises    TypeError if x is not a floating-point tensor.
    """

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy),)
