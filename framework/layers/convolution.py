"""What convolutions of images of any number of axes share."""

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


def forward(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> tuple[Tensor, Saved]:
    return correlate(x, weight, bias, geometry), (x, weight)


def backward(dy: Tensor, saved: Saved, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    dx = correlate_input_gradient(dy, weight, size_of(x), geometry)
    return dx, correlate_weight_gradient(dy, x, geometry), dy.sum((0, *range(2, dy.dim())))


class Convolution(Convolutional):
    """A layer that slides a bank of kernels over an image; Conv1d, Conv2d and Conv3d say over how many axes."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        stride: Extent = 1,
        padding: Extent | str = 0,
        dilation: Extent = 1,
        groups: int = 1,
        bias: bool = True,
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

    def framed(self, padding: object, kernel: Extents, stride: Extents, dilation: Extents) -> tuple[Extents, Extents]:
        if not isinstance(padding, str):
            return super().framed(padding, kernel, stride, dilation)
        layer = self.label()
        if arguments.choice(layer, "padding", padding, ("valid", "same")) == "valid":
            return (0,) * self.axes, (0,) * self.axes
        if max(stride) > 1:
            raise ValueError(f"{layer}: padding must not be 'same' unless stride is 1, was for stride {stride}")
        around = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple(n // 2 for n in around), tuple(n - n // 2 for n in around)  # of an odd number, more after

    def validate_size(self, size: Extents) -> None:
        if min(*size, *self.geometry.output(size)) < 1:
            raise ValueError(
                f"{self.label()}: x must be at least {self.geometry.extent}, the dilated kernel, "
                f"once padded by {self.padding}, and not empty, was {size}"
            )
        self.geometry.border.check(self.label(), size)

    def convolve(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.geometry)

    def adjoint(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.geometry)
