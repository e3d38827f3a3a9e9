"""Several axes made one."""

from torch import Size, Tensor

from framework import arguments
from framework.module import Layer, Saved


def forward(x: Tensor, start_dim: int, end_dim: int) -> tuple[Tensor, Saved]:
    return x.flatten(start_dim, end_dim), ()


def backward(dy: Tensor, shape: Size) -> Tensor:
    return dy.reshape(shape)


class Flatten(Layer):
    """Make the axes start_dim to end_dim one.

    As in torch, y is a view of x and dx a view of dy where their strides allow: writing to one writes to the other.

    Shapes    x, dx  (*)
              y, dy  the axes of x, with those from start_dim to end_dim (both included) replaced by their product
    Forward   y  = x, reshaped
    Backward  dx = dy, reshaped back
    Source    torch.nn.Flatten.
    Raises    ValueError if x has no axis start_dim or end_dim, or start_dim comes after end_dim.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = arguments.integer(self.label(), "start_dim", start_dim)
        self.end_dim = arguments.integer(self.label(), "end_dim", end_dim)
        self._shape = Size()

    def options(self) -> dict[str, object]:
        return {"start_dim": self.start_dim, "end_dim": self.end_dim}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)
        first = arguments.axis(self.label(), "start_dim", self.start_dim, x)
        last = arguments.axis(self.label(), "end_dim", self.end_dim, x)
        if first > last:
            raise ValueError(f"{self.label()}: start_dim must not come after end_dim, axis {last}, was axis {first}")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.start_dim, self.end_dim)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a reshape saves nothing
        return (backward(dy, self._shape),)
