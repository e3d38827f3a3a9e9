"""Layers of images: patches and one product of matrices."""

from math import prod

import torch

import framework
from framework.arguments import Extents, Pair
from framework.images.padding import ZEROS, Border, bordered
from framework.layers.convolutional import Convolutional
from framework.layers.nearest_upsampling import read
from framework.layers.padding2d import Padding2d
from framework.tape.variable import Variable


def correlation(x: Variable, weight: Variable, stride: Extents, dilation: Extents, groups: int) -> Variable:
    """Slide weight (O, C/G, Kh, Kw) over x (N, C, H, W), without padding: (N, O, P, Q)."""
    (batch, channels), (outputs, inner, *kernel) = x.shape[:2], weight.shape
    extent = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    windows = x.unfold(2, extent[0], stride[0]).unfold(3, extent[1], stride[1])
    if dilation != (1, 1):
        windows = windows[..., :: dilation[0], :: dilation[1]]  # (N, C, P, Q, Kh, Kw)
    rows, columns = windows.shape[2:4]
    taps = channels // groups * kernel[0] * kernel[1]
    patches = windows.permute(0, 1, 4, 5, 2, 3).reshape(batch, groups, taps, rows * columns)
    y = weight.reshape(groups, outputs // groups, inner * kernel[0] * kernel[1]) @ patches
    return y.reshape(batch, outputs, rows, columns)


def framed(x: Variable, before: Extents, after: Extents) -> Variable:
    """Return images with rows and columns of zeros added before and after; a negative number cuts some off."""
    if any((*before, *after)):
        x = x.pad(*((max(0, a), max(0, b)) for a, b in zip(before, after, strict=True)))
        ends = [size - max(0, -b) for size, b in zip(x.shape[2:], after, strict=True)]
        return x[:, :, max(0, -before[0]) : ends[0], max(0, -before[1]) : ends[1]]
    return x


def with_border(x: Variable, border: Border) -> Variable:
    """Return images with a border; of pixels, each is read at the place that a border of places shows."""
    if border.mode == ZEROS:
        return framed(x, border.before, border.after)
    rows, columns = (
        bordered(torch.arange(size, device=x.tensor.device), Border((before,), (after,), border.mode))
        for size, before, after in zip(x.shape[2:], border.before, border.after, strict=True)
    )
    return x[:, :, rows[:, None], columns]


def biased(y: Variable, bias: Variable | None) -> Variable:
    return y if bias is None else y + bias.reshape(-1, 1, 1)


def one_or_more(x: Variable) -> Variable:
    """Return images (N, C, H, W), of one that came alone too."""
    return x.reshape(1, *x.shape) if x.dim() == 3 else x


def conv2d(layer: Convolutional, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    g = layer.geometry
    wide = with_border(one_or_more(x), g.border)
    y = biased(correlation(wide, weight, g.stride, g.dilation, g.groups), bias)
    return y if x.dim() == 4 else y.reshape(y.shape[1:])


def conv_transpose2d(
    layer: framework.ConvTranspose2d, x: Variable, weight: Variable, bias: Variable | None = None
) -> Variable:
    """The correlation of x, spread out by zeros, with the kernels reversed and the channels exchanged."""
    g = layer.geometry
    before = g.extent[0] - 1 - g.border.before[0], g.extent[1] - 1 - g.border.before[1]
    after = before[0] + layer.output_padding[0], before[1] + layer.output_padding[1]
    channels, inner, *kernel = weight.shape
    grouped = weight.reshape(g.groups, channels // g.groups, inner, *kernel).transpose(1, 2)
    reversed_kernels = grouped.reshape(g.groups * inner, channels // g.groups, *kernel).flip(2, 3)
    spread = framed(one_or_more(x).spread(*g.stride), before, after)
    y = biased(correlation(spread, reversed_kernels, (1, 1), g.dilation, g.groups), bias)
    return y if x.dim() == 4 else y.reshape(y.shape[1:])


def enlarged(x: Variable, out: Pair) -> Variable:
    batch, channels, rows, columns = x.shape
    scale = out[0] // rows, out[1] // columns
    if (rows * scale[0], columns * scale[1]) != out:
        read_rows, read_columns = (read(x.shape[2 + axis], out[axis], x.tensor.device) for axis in (0, 1))
        return x[:, :, read_rows[:, None], read_columns]
    blocks = x.reshape(batch, channels, rows, 1, columns, 1).expand(-1, -1, -1, scale[0], -1, scale[1])
    return blocks.reshape(batch, channels, *out)


def nearest_upsampling(layer: framework.NearestUpsampling, x: Variable) -> Variable:
    return enlarged(x, layer.resizing.out((x.shape[2], x.shape[3])))


def upsampling(layer: framework.Upsampling, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    return conv2d(layer, enlarged(x, layer.out(x.shape[2:])), weight, bias)


def padding2d(layer: Padding2d, x: Variable) -> Variable:
    """Return images with a border, whatever axes stand before those of the pixels."""
    *before, rows, columns = x.shape
    y = with_border(x.reshape(1, prod(before), rows, columns), layer.border)
    return y.reshape(*before, *y.shape[2:])


def pixel_shuffle(x: Variable, factor: int) -> Variable:
    """Return channels laid out as pixels, `factor` times as many rows and columns."""
    *batch, channels, rows, columns = x.shape
    images = prod(batch) * channels // factor**2
    blocks = x.reshape(images, factor, factor, rows, columns).permute(0, 3, 1, 4, 2)
    return blocks.reshape(*batch, channels // factor**2, rows * factor, columns * factor)


def pixel_unshuffle(x: Variable, factor: int) -> Variable:
    """Return pixels laid out as channels: the other way."""
    *batch, channels, rows, columns = x.shape
    blocks = x.reshape(prod(batch) * channels, rows // factor, factor, columns // factor, factor)
    return blocks.permute(0, 2, 4, 1, 3).reshape(*batch, channels * factor**2, rows // factor, columns // factor)
