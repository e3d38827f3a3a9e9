"""Layers of images: patches and one product of matrices."""

from collections.abc import Callable
from math import prod

import torch

import framework
from framework.arguments import Extents, Pair
from framework.images.padding import ZEROS, Border, bordered
from framework.images.resizing import Line
from framework.layers.convolutional import Convolutional
from framework.layers.nearest_upsampling import read
from framework.layers.padding2d import Padding2d
from framework.layers.transposed_convolution import TransposedConvolution
from framework.tape.variable import Variable


def correlation(x: Variable, weight: Variable, stride: Extents, dilation: Extents, groups: int) -> Variable:
    """Slide weight (O, C/G, *kernel) over x (N, C, *), without padding: (N, O, *), for any number of axes."""
    (batch, channels), (outputs, inner, *kernel), axes = x.shape[:2], weight.shape, len(stride)
    windows = x
    for axis, (size, step, apart) in enumerate(zip(kernel, stride, dilation, strict=True), 2):
        windows = windows.unfold(axis, apart * (size - 1) + 1, step)
    if set(dilation) != {1}:
        windows = windows[(..., *(slice(None, None, apart) for apart in dilation))]  # (N, C, *places, *kernel)
    places = windows.shape[2 : 2 + axes]
    patches = windows.permute(0, 1, *range(2 + axes, 2 + 2 * axes), *range(2, 2 + axes))
    patches = patches.reshape(batch, groups, channels // groups * prod(kernel), prod(places))
    y = weight.reshape(groups, outputs // groups, inner * prod(kernel)) @ patches
    return y.reshape(batch, outputs, *places)


def framed(x: Variable, before: Extents, after: Extents) -> Variable:
    """Return images in a frame of zeros, so many before and after on each axis; a negative number cuts some off."""
    if any((*before, *after)):
        x = x.pad(*((max(0, a), max(0, b)) for a, b in zip(before, after, strict=True)))
        sides = zip(x.shape[2:], before, after, strict=True)
        return x[(..., *(slice(max(0, -a), size - max(0, -b)) for size, a, b in sides))]
    return x


def with_border(x: Variable, border: Border) -> Variable:
    """Return images with a border; of pixels, each is read at the place that a border of places shows."""
    if border.mode == ZEROS:
        return framed(x, border.before, border.after)
    shown = [
        bordered(torch.arange(size, device=x.tensor.device), Border((before,), (after,), border.mode))
        for size, before, after in zip(x.shape[2:], border.before, border.after, strict=True)
    ]
    return x[(slice(None), slice(None), *torch.meshgrid(*shown, indexing="ij"))]


def biased(y: Variable, bias: Variable | None) -> Variable:
    return y if bias is None else y + bias.reshape(-1, *[1] * (y.dim() - 2))


def of_one_too(function: Callable[[Variable], Variable], x: Variable, axes: int) -> Variable:
    """Return a function of images (N, C, *), of one (C, *) that came alone too."""
    if x.dim() == axes + 2:
        return function(x)
    y = function(x.reshape(1, *x.shape))
    return y.reshape(y.shape[1:])


def convolution(layer: Convolutional, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    g = layer.geometry

    def of_all(images: Variable) -> Variable:
        return biased(correlation(with_border(images, g.border), weight, g.stride, g.dilation, g.groups), bias)

    return of_one_too(of_all, x, len(g.stride))


def transposed_convolution(
    layer: TransposedConvolution, x: Variable, weight: Variable, bias: Variable | None = None
) -> Variable:
    """The correlation of x, spread out by zeros, with the kernels reversed and the channels exchanged."""
    g = layer.geometry
    before = tuple(extent - 1 - width for extent, width in zip(g.extent, g.border.before, strict=True))
    after = tuple(map(sum, zip(before, layer.output_padding, strict=True)))
    channels, inner, *kernel = weight.shape
    grouped = weight.reshape(g.groups, channels // g.groups, inner, *kernel).transpose(1, 2)
    exchanged = grouped.reshape(g.groups * inner, channels // g.groups, *kernel)
    reversed_kernels = exchanged.flip(*range(2, exchanged.dim()))

    def of_all(images: Variable) -> Variable:
        spread = framed(images.spread(*g.stride), before, after)
        return biased(correlation(spread, reversed_kernels, (1,) * len(kernel), g.dilation, g.groups), bias)

    return of_one_too(of_all, x, len(kernel))


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


def on_lines(x: Variable, axis: int, to: Line) -> Variable:
    """Return images with an axis, counted from the last (-1), resized: every place lies on a line of two pixels."""
    share = to.share.reshape(-1, *[1] * (-1 - axis))
    return x.index_select(axis, to.first) * (1 - share) + x.index_select(axis, to.second) * share


def bilinear_upsampling(layer: framework.BilinearUpsampling, x: Variable) -> Variable:
    rows, columns = layer.lines(x.tensor)
    return on_lines(on_lines(x, -1, columns), -2, rows)


def upsampling(layer: framework.Upsampling, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    return convolution(layer, enlarged(x, layer.out(x.shape[2:])), weight, bias)


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
