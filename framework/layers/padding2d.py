"""What the layers that lay a border around images share."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from framework import arguments
from framework.arguments import Extents
from framework.images.padding import ZEROS, Border, bordered, gathered
from framework.module import Layer, Saved


def forward(x: Tensor, border: Border) -> tuple[Tensor, Saved]:
    return bordered(x, border), ()


def backward(dy: Tensor, border: Border, size: Extents) -> Tensor:
    return gathered(dy, border, size)


class Padding2d(Layer):
    """A border around the last two axes; ZeroPad2d, ReflectionPad2d and ReplicationPad2d say what it shows."""

    mode: ClassVar[str] = ZEROS
    least: ClassVar[float] = 0  # of a width

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        widths = arguments.extents(self.label(), "padding", padding, 4, self.least)
        self.padding, (left, right, top, bottom) = widths, widths
        self.border = Border((top, left), (bottom, right), self.mode)
        self._size: Extents = ()

    def options(self) -> dict[str, object]:
        return {"padding": self.padding}

    def validate(self, x: Tensor) -> None:
        shape = arguments.image(self.label(), x, None, alone=True).shape
        if min(shape[-3:]) < 1:
            raise ValueError(f"{self.label()}: x must have channels and pixels, had shape {tuple(shape)}")
        self.border.check(self.label(), tuple(shape[-2:]))

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_size=x.shape[-2:])
        return forward(x, self.border)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.border, self._size),)
