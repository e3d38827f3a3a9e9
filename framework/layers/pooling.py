"""What the layers that pool share: how windows lie in an image, and what an image must be for them."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Size, Tensor

from framework import arguments
from framework.images.shares import Shares
from framework.images.windows import Sliding
from framework.module import Layer

Extent = int | Sequence[int]


class Pooling(Layer):
    """A layer that pools images of `axes` axes, each image and each channel by itself.

    Raises    TypeError if x is not floating; ValueError if it is neither (N, C, *sizes) nor (C, *sizes), or has no
              channels or pixels.
    """

    axes: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self._shape = Size()

    def refuse_indices(self, return_indices: bool) -> None:
        """Raise ValueError if the places of the maxima are asked for too."""
        if arguments.boolean(self.label(), "return_indices", return_indices):
            raise ValueError(f"{self.label()}: return_indices must be False, as a layer has one output, was True")

    def validate(self, x: Tensor) -> None:
        shape = arguments.image(self.label(), x, None, self.axes, alone=True).shape
        if min(shape[-self.axes - 1 :]) < 1:
            raise ValueError(f"{self.label()}: x must have channels and pixels, had shape {tuple(shape)}")


class SlidingPooling(Pooling):
    """Pooling by windows that slide.

    Raises    TypeError or ValueError if an option is no int (or one an axis) in its range, padding is more than half
              of kernel_size, ceil_mode is no bool, or x is smaller than the dilated kernel.
    """

    def __init__(
        self, kernel_size: Extent, stride: Extent | None, padding: Extent, dilation: Extent, ceil_mode: bool
    ) -> None:
        super().__init__()
        layer, axes = self.label(), self.axes
        self.kernel_size = arguments.extents(layer, "kernel_size", kernel_size, axes, 1)
        self.stride = self.kernel_size if stride is None else arguments.extents(layer, "stride", stride, axes, 1)
        self.padding = arguments.extents(layer, "padding", padding, axes, 0)
        self.dilation = arguments.extents(layer, "dilation", dilation, axes, 1)
        self.ceil_mode = arguments.boolean(layer, "ceil_mode", ceil_mode)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{layer}: padding must be at most half of kernel_size {self.kernel_size}, was {self.padding}"
            )

    def windows(self, shape: Size) -> list[Sliding]:
        """Return the windows along every axis of images of this shape."""
        extents = zip(shape[-self.axes :], self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return [Sliding(*of_axis, self.ceil_mode) for of_axis in extents]

    def validate(self, x: Tensor) -> None:
        super().validate(x)
        windows = self.windows(x.shape)
        if min(window.outputs for window in windows) < 1 or any(window.blind for window in windows):
            raise ValueError(
                f"{self.label()}: x must be at least {tuple(window.extent for window in windows)}, the dilated kernel, "
                f"once padded by {self.padding}, with a pixel in every window, was {tuple(x.shape[-self.axes :])}"
            )


class AdaptivePooling(Pooling):
    """Pooling to an image of a given size, whatever that of x is.

    Raises    TypeError or ValueError if output_size is no int of at least 1, or one an axis, or None in its place.
    """

    def __init__(self, output_size: int | Sequence[int | None]) -> None:
        super().__init__()
        given = output_size if isinstance(output_size, Sequence) else ()
        filled = [1 if size is None else size for size in given] if given else output_size
        sizes = arguments.extents(self.label(), "output_size", filled, self.axes, 1)
        self.output_size = tuple(None if at is None else size for at, size in zip(given or sizes, sizes, strict=True))

    def options(self) -> dict[str, object]:
        return {"output_size": self.output_size}

    def shares(self, shape: Size) -> list[Shares]:
        """Return the shares of every axis of images of this shape."""
        sizes = shape[-self.axes :]
        return [
            Shares(size, size if wanted is None else wanted)
            for size, wanted in zip(sizes, self.output_size, strict=True)
        ]
