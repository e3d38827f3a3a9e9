"""Transposed convolution of images."""

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.correlation import (
    Geometry,
    correlate,
    correlate_input_gradient,
    correlate_weight_gradient,
    size_of,
)
from framework.layers.convolutional import Convolutional, Extent
from framework.module import Saved
from framework.placement import Device


def output_size(size: Pair, geometry: Geometry, output_padding: Pair) -> Pair:
    """Return (P, Q), (H - 1) S - 2 P + extent + output padding each."""

    def extent(axis: int) -> int:
        steps = (size[axis] - 1) * geometry.stride[axis]
        return steps - 2 * geometry.padding[axis] + geometry.extent[axis] + output_padding[axis]

    return extent(0), extent(1)


def forward(
    x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, output_padding: Pair = (0, 0)
) -> tuple[Tensor, Saved]:
    y = correlate_input_gradient(x, weight, output_size(size_of(x), geometry, output_padding), geometry)
    return (y if bias is None else y.add_(bias[:, None, None])), (x, weight)


def backward(dy: Tensor, saved: Saved, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    dx = correlate(dy, weight, geometry, size_of(x))
    return dx, correlate_weight_gradient(x, dy, geometry), dy.sum((0, 2, 3))


class ConvTranspose2d(Convolutional):
    """The adjoint of a convolution: spread every pixel over the image by a kernel, then add a bias.

    Shapes    x, dx   (N, C, H, W)
              y, dy   (N, O, P, Q),  P = (H - 1) stride - 2 padding + dilation (Kh - 1) + output_padding + 1, Q alike
              weight  (C, O/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y = the convolution's dx for dy = x, plus bias
    Backward  dx = the convolution of dy;  dweight = its dweight with x and dy exchanged;  dbias = Σ dy over n, p, q
    Source    Zeiler, Krishnan, Taylor & Fergus 2010, "Deconvolutional networks"; sizes as Dumoulin & Visin 2016,
              relation 14; initial values as torch.nn.ConvTranspose2d.
    Raises    ValueError if the channels do not divide by groups, an option is out of range, output_padding is neither
              below stride nor below dilation, x is not (N, C, H, W) or leaves no output; TypeError if the dtype of x
              is not that of weight.
    """

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
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device, dtype)
        self.output_padding = arguments.pair(self.label(), "output_padding", output_padding, 0)
        limits = self.geometry.stride, self.geometry.dilation
        if any(extra >= max(both) for extra, *both in zip(self.output_padding, *limits, strict=True)):
            raise ValueError(
                f"{self.label()}: output_padding must be smaller than stride {limits[0]} or dilation {limits[1]}, "
                f"was {self.output_padding}"
            )

    def options(self) -> dict[str, object]:
        return super().options() | {"output_padding": self.output_padding}

    def validate_size(self, size: Pair) -> None:
        produced = output_size(size, self.geometry, self.output_padding)
        if min(*size, *produced) < 1:
            raise ValueError(
                f"{self.label()}: x must be large enough for an output of at least (1, 1), "
                f"was {size}, for an output of {produced}"
            )

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.geometry, self.output_padding)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.geometry)
