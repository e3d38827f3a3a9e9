"""Convolution of images."""

import torch
from torch import Tensor

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


def forward(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> tuple[Tensor, Saved]:
    y = correlate(x, weight, geometry)
    return (y if bias is None else y.add_(bias[:, None, None])), (x, weight)


def backward(dy: Tensor, saved: Saved, geometry: Geometry) -> tuple[Tensor, Tensor, Tensor]:
    x, weight = saved
    dx = correlate_input_gradient(dy, weight, size_of(x), geometry)
    return dx, correlate_weight_gradient(dy, x, geometry), dy.sum((0, 2, 3))


class Conv2d(Convolutional):
    """Slide a bank of kernels over an image (as a correlation: the kernels are not flipped), then add a bias.

    Shapes    x, dx   (N, C, H, W)
              y, dy   (N, O, P, Q),  P = floor((H + 2 padding - dilation (Kh - 1) - 1) / stride) + 1, Q alike
              weight  (O, C/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y[n, o, p, q] = bias[o] + Σ over c, i, j of weight[o, c, i, j] x[n, c, h, w],
              h = p stride + i dilation - padding, w alike, c within the group of o; outside the image x is 0
    Backward  dx      = Σ over o, i, j of weight dy, laid back where it was seen
              dweight = Σ over n, p, q of dy x, at the same indices
              dbias   = Σ dy over n, p, q
    Source    LeCun et al. 1989, Neural Computation 1(4); sizes as Dumoulin & Visin 2016, relation 6, with dilation
              (Yu & Koltun 2016, eq. 2); initial values as torch.nn.Conv2d.
    Raises    ValueError if the channels do not divide by groups, an option is out of range, x is not (N, C, H, W) or
              smaller than the dilated kernel; TypeError if the dtype of x is not that of weight.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
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

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.geometry)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self.geometry)
