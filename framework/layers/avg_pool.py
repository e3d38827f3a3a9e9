"""Means of windows."""

from collections.abc import Sequence

from torch import Tensor

from framework import arguments
from framework.images.pooling import AxisWindows, products, spread, sums
from framework.layers.pooling import Extent, SlidingPooling
from framework.module import Saved
from framework.precision import wide


def forward(x: Tensor, windows: Sequence[AxisWindows], divisor: Tensor | int) -> tuple[Tensor, Saved]:
    return sums(wide(x), windows).div_(divisor).to(x.dtype), ()


def backward(dy: Tensor, windows: Sequence[AxisWindows], divisor: Tensor | int) -> Tensor:
    return spread(wide(dy) / divisor, windows).to(dy.dtype)


class AvgPool(SlidingPooling):
    """The mean of what each window sees; a layer of images of one axis or more derives from it.

    Raises    TypeError or ValueError if count_include_pad is no bool, divisor_override no int other than 0; and as
              SlidingPooling.
    """

    def __init__(
        self,
        kernel_size: Extent,
        stride: Extent | None = None,
        padding: Extent = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, 1, ceil_mode)
        layer = self.label()
        self.count_include_pad = arguments.boolean(layer, "count_include_pad", count_include_pad)
        self.divisor_override = divisor_override
        if divisor_override is not None and not arguments.integer(layer, "divisor_override", divisor_override):
            raise ValueError(f"{layer}: divisor_override must be other than 0, was {divisor_override}")

    def options(self) -> dict[str, object]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
            "count_include_pad": self.count_include_pad,
            "divisor_override": self.divisor_override,
        }

    def divisor(self, x: Tensor) -> Tensor | int:
        """Return what the sums of the windows of x, or of dy, are divided by."""
        if self.divisor_override is not None:
            return self.divisor_override
        return products([window.lengths(self.count_include_pad, x.device) for window in self.windows(self._shape)])

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.windows(x.shape), self.divisor(x))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.windows(self._shape), self.divisor(dy)),)
