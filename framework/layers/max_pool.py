"""Maxima of windows."""

from collections.abc import Sequence

from torch import Size, Tensor

from framework.images.pooling import AxisWindows, maxima, returned
from framework.layers.pooling import Extent, SlidingPooling
from framework.module import Saved


def forward(x: Tensor, windows: Sequence[AxisWindows]) -> tuple[Tensor, Saved]:
    y, places = maxima(x, windows)
    return y, (places,)


def backward(dy: Tensor, saved: Saved, shape: Size, axes: int) -> Tensor:
    (places,) = saved
    return returned(dy, places, shape, axes)


class MaxPool(SlidingPooling):
    """The maximum of what each window sees; a layer of images of one axis or more derives from it.

    Raises    ValueError if return_indices is True: a layer has one output; and as SlidingPooling.
    """

    def __init__(
        self,
        kernel_size: Extent,
        stride: Extent | None = None,
        padding: Extent = 0,
        dilation: Extent = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)
        self.refuse_indices(return_indices)

    def options(self) -> dict[str, object]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.windows(x.shape))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self._shape, self.axes),)
