"""What transposed convolutions of images of any number of axes share."""

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Extents
from framework.images.correlation import correlate, correlate_input_gradient, correlate_weight_gradient
from framework.images.geometry import Geometry, size_of
from framework.images.padding import ZEROS
from framework.layers.convolutional import Convolutional, Extent
from framework.module import Saved
from framework.placement import Device


def output_size(size: Extents, geometry: Geometry, output_padding: Extents) -> Extents:
    """Return (P, Q), (H - 1) S - 2 P + extent + output padding each."""
    none = geometry.border.around((0,) * len(size))  # 2 P
    every = zip(size, geometry.stride, none, geometry.extent, output_padding, strict=True)
    return tuple((n - 1) * s - p + extent + more for n, s, p, extent, more in every)


def forward(
    x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, output_padding: Extents
) -> tuple[Tensor, Saved]:
    size = output_size(size_of(x), geometry, output_padding)
    return correlate_input_gradient(x, weight, size, geometry, bias), (x, weight)


def backward(dy: Tensor, saved: Saved, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    dx = correlate(dy, weight, None, geometry, size_of(x))
    return dx, correlate_weight_gradient(x, dy, geometry), dy.sum((0, *range(2, dy.dim())))


class TransposedConvolution(Convolutional):
    """A layer that is the adjoint of a convolution; ConvTranspose1d and ConvTranspose2d say over how many axes."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        stride: Extent = 1,
        padding: Extent = 0,
        output_padding: Extent = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Extent = 1,
        padding_mode: str = ZEROS,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )
        self.output_padding = arguments.extents(self.label(), "output_padding", output_padding, self.axes, 0)
        limits = self.geometry.stride, self.geometry.dilation
        if any(extra >= max(both) for extra, *both in zip(self.output_padding, *limits, strict=True)):
            raise ValueError(
                f"{self.label()}: output_padding must be smaller than stride {limits[0]} or dilation {limits[1]}, "
                f"was {self.output_padding}"
            )

    def options(self) -> dict[str, object]:
        return super().options() | {"output_padding": self.output_padding}

    def validate_size(self, size: Extents) -> None:
        produced = output_size(size, self.geometry, self.output_padding)
        if min(*size, *produced) < 1:
            raise ValueError(
                f"{self.label()}: x must be large enough for an output of at least {(1,) * self.axes}, "
                f"was {size}, for an output of {produced}"
            )

    def convolve(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.geometry, self.output_padding)

    def adjoint(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.geometry)
