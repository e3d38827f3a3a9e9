"""Enlargement of images by repetition of pixels, smoothed by a convolution."""

import torch
from torch import Tensor

from framework.arguments import Extents, Pair
from framework.images.geometry import Geometry, size_of
from framework.images.padding import ZEROS
from framework.images.resizing import Resizing
from framework.layers import convolution, nearest_upsampling
from framework.layers.convolution import Convolution
from framework.layers.convolutional import Extent
from framework.module import Saved
from framework.placement import Device


def forward(x: Tensor, weight: Tensor, bias: Tensor | None, out: Pair, geometry: Geometry) -> tuple[Tensor, Saved]:
    enlarged, _ = nearest_upsampling.forward(x, out)
    y, _ = convolution.forward(enlarged, weight, bias, geometry)
    return y, (x, weight)


def backward(dy: Tensor, saved: Saved, out: Pair, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    enlarged, _ = nearest_upsampling.forward(x, out)
    denlarged, dweight, dbias = convolution.backward(dy, (enlarged, weight), geometry)
    return nearest_upsampling.backward(denlarged, (x.shape[2], x.shape[3])), dweight, dbias


class Upsampling(Convolution):
    """Repeat every pixel, then convolve: a learnt enlargement free of the checkerboard of a transposed convolution.

    Shapes    x, dx   (N, C, H, W)
              y, dy   (N, O, P, Q), the output of a convolution of an image of size, or H scale_factor, W scale_factor
              weight  (O, C/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y = convolution(nearest(x)), as NearestUpsampling, then Conv2d; the small x is kept, not the enlarged one
    Backward  the two backward passes in the other order, with nearest(x) formed again
    Source    Odena, Dumoulin & Olah 2016, "Deconvolution and checkerboard artifacts"; paper 004, II.C.
    Raises    ValueError if scale_factor or size is below 1 or both are given, and as Conv2d; scale_factor is 2 where
              neither is.
    """

    alone = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        scale_factor: Extent | None = None,
        stride: Extent = 1,
        padding: Extent | str = 0,
        dilation: Extent = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = ZEROS,
        size: Extent | None = None,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        rest = stride, padding, dilation, groups, bias, padding_mode
        super().__init__(in_channels, out_channels, kernel_size, *rest, device=device, dtype=dtype)
        scale_factor = 2 if scale_factor is None and size is None else scale_factor
        self.resizing = Resizing.whole(self.label(), scale_factor, size)

    def options(self) -> dict[str, object]:
        return super().options() | self.resizing.options()

    def out(self, size: Extents) -> Pair:
        """Return the size of the enlarged image."""
        return self.resizing.out((size[0], size[1]))

    def validate_size(self, size: Extents) -> None:
        enlarged = self.out(size)
        if min(*size, *self.geometry.output(enlarged)) < 1:
            raise ValueError(
                f"{self.label()}: x must be at least {self.geometry.extent}, the dilated kernel, once enlarged "
                f"and padded by {self.padding}, and not empty, was {size}, enlarged {enlarged}"
            )
        self.geometry.border.check(self.label(), enlarged)

    def convolve(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.out(size_of(x)), self.geometry)

    def adjoint(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.out(size_of(saved[0])), self.geometry)
