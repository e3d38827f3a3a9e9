"""Convolutions: patches and one product of matrices."""

from collections.abc import Callable
from math import prod

import framework
from framework.arguments import Extents
from framework.layers.convolutional import Convolutional
from framework.layers.transposed_convolution import TransposedConvolution
from framework.tape.compositions.images.borders import framed, with_border
from framework.tape.compositions.images.resizing import enlarged
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


def upsampling(layer: framework.Upsampling, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    return convolution(layer, enlarged(x, layer.out(x.shape[2:])), weight, bias)
