"""Enlargement of images by repetition of pixels, smoothed by a convolution."""

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.correlation import Geometry
from framework.layers import conv2d, nearest_upsampling
from framework.layers.convolutional import Convolutional, Extent
from framework.module import Saved
from framework.placement import Device


def forward(x: Tensor, weight: Tensor, bias: Tensor | None, scale: Pair, geometry: Geometry) -> tuple[Tensor, Saved]:
    enlarged, _ = nearest_upsampling.forward(x, scale)
    y, _ = conv2d.forward(enlarged, weight, bias, geometry)
    return y, (x, weight)


def backward(dy: Tensor, saved: Saved, scale: Pair, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    enlarged, _ = nearest_upsampling.forward(x, scale)
    denlarged, dweight, dbias = conv2d.backward(dy, (enlarged, weight), geometry)
    return nearest_upsampling.backward(denlarged, scale), dweight, dbias


class Upsampling(Convolutional):
    """Repeat every pixel, then convolve: a learnt enlargement free of the checkerboard of a transposed convolution.

    Shapes    x, dx   (N, C, H, W)
              y, dy   (N, O, P, Q), the output of a convolution of an image of H scale_factor, W scale_factor
              weight  (O, C/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y = convolution(nearest(x)), as NearestUpsampling, then Conv2d; the small x is kept, not the enlarged one
    Backward  the two backward passes in the other order, with nearest(x) formed again
    Source    Odena, Dumoulin & Olah 2016, "Deconvolution and checkerboard artifacts"; paper 004, II.C.
    Raises    ValueError if scale_factor is below 1, and as Conv2d.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        scale_factor: Extent = 2,
        stride: Extent = 1,
        padding: Extent = 0,
        dilation: Extent = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device, dtype)
        self.scale = arguments.pair(self.label(), "scale_factor", scale_factor, 1)

    def options(self) -> dict[str, object]:
        return super().options() | {"scale_factor": self.scale}

    def validate_size(self, size: Pair) -> None:
        enlarged = size[0] * self.scale[0], size[1] * self.scale[1]
        if min(*size, *self.geometry.output(enlarged)) < 1:
            raise ValueError(
                f"{self.label()}: x must be at least {self.geometry.extent}, the dilated kernel, once enlarged by "
                f"{self.scale} and padded by {self.geometry.padding}, and not empty, was {size}, enlarged {enlarged}"
            )

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.scale, self.geometry)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.scale, self.geometry)
