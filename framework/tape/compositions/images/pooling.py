"""Pooling: what every window sees is read pixel by pixel, and made one number.

Shapes    x, y  (*, sizes), (*, outputs), an extent for each axis that is pooled
          taps  (*, outputs, T), what a window sees, row by row; pixels (P, K), of one axis: the place of each tap
"""

from collections.abc import Sequence
from math import inf, prod

import torch
from torch import Tensor

import framework
from framework.layers.avg_pool import AvgPool
from framework.layers.max_pool import MaxPool
from framework.layers.pooling import AdaptivePooling, SlidingPooling
from framework.tape.joining import where
from framework.tape.variable import Variable

Pixels = Sequence[Tensor]  # of every axis; a number below 0 or beyond the last pixel is of none


def of_windows(layer: SlidingPooling, x: Variable) -> Pixels:
    device = x.tensor.device
    return [
        window.starts(device)[:, None] + window.dilation * torch.arange(window.kernel, device=device)
        for window in layer.windows(x.shape)
    ]


def of_shares(layer: AdaptivePooling, x: Variable) -> Pixels:
    """Return the pixels of every share; the shorter are filled up with a number that is of none."""
    pixels = []
    for share in layer.shares(x.shape):
        starts, ends = (cuts[:, None] for cuts in share.bounds(x.tensor.device))
        places = starts + torch.arange(int((ends - starts).max()), device=starts.device)
        pixels.append(places.masked_fill(places >= ends, share.size))
    return pixels


def within(x: Variable, pixels: Pixels, padding: Sequence[int] = ()) -> Tensor:
    """Return which taps lie within the image, or the padding around it: (outputs, T)."""
    axes, held = len(pixels), torch.ones((), dtype=torch.bool, device=x.tensor.device)
    for axis, (places, size, margin) in enumerate(zip(pixels, x.shape[-axes:], padding or [0] * axes, strict=True)):
        shape = [1] * (2 * axes)
        shape[axis], shape[axes + axis] = places.shape
        held = held & ((places >= -margin) & (places < size + margin)).reshape(shape)
    return held.flatten(axes)


def read(x: Variable, pixels: Pixels) -> Variable:
    """Return the taps of every window; one of no pixel shows the nearest."""
    axes, front = len(pixels), x.shape[: -len(pixels)]
    for axis, (places, size) in enumerate(zip(pixels, x.shape[-axes:], strict=True), len(front)):
        x = x.index_select(axis, places.clamp(0, size - 1).flatten())
    x = x.reshape(*front, *(extent for places in pixels for extent in places.shape))  # (*, P, K, Q, L)
    last = len(front) + 2 * axes
    x = x.permute(*range(len(front)), *range(len(front), last, 2), *range(len(front) + 1, last, 2))
    return x.flatten(-axes)


def summed(x: Variable, pixels: Pixels) -> Variable:
    """Return the sum of what every window sees."""
    return where(within(x, pixels), read(x, pixels), 0.0).sum(-1)


def counted(x: Variable, pixels: Pixels, padding: Sequence[int] = ()) -> Tensor:
    """Return how many pixels every window sees, those of the padding too."""
    return within(x, pixels, padding).sum(-1).to(x.tensor.dtype)


def highest(x: Variable, pixels: Pixels) -> Variable:
    """Return the maximum of what every window sees. Which tap that is, is a constant: of equals the first, of nan the
    last.
    """
    taps, seen = read(x, pixels), within(x, pixels)
    values = taps.tensor.masked_fill(~seen, -inf)
    best = values.amax(-1, keepdim=True)
    first = ((values == best) & seen).byte().argmax(-1, keepdim=True)
    last = values.shape[-1] - 1 - values.isnan().flip(-1).byte().argmax(-1, keepdim=True)
    return taps.gather(-1, torch.where(best.isnan(), last, first)).reshape(best.shape[:-1])


def max_pool(layer: MaxPool, x: Variable) -> Variable:
    return highest(x, of_windows(layer, x))


def adaptive_max_pool(layer: framework.AdaptiveMaxPool2d, x: Variable) -> Variable:
    return highest(x, of_shares(layer, x))


def avg_pool(layer: AvgPool, x: Variable) -> Variable:
    pixels = of_windows(layer, x)
    if layer.divisor_override is not None:
        return summed(x, pixels) / layer.divisor_override
    return summed(x, pixels) / counted(x, pixels, layer.padding if layer.count_include_pad else ())


def adaptive_avg_pool(layer: framework.AdaptiveAvgPool2d, x: Variable) -> Variable:
    pixels = of_shares(layer, x)
    return summed(x, pixels) / counted(x, pixels)


def lp_pool(layer: framework.LPPool2d, x: Variable) -> Variable:
    """Return the p-th root of the sum of p-th powers; where that is 0 it has no slope, and passes no gradient."""
    p, pixels = layer.norm_type, of_windows(layer, x)
    s = summed(x**p, pixels) * (prod(layer.kernel_size) / counted(x, pixels))
    zero = s.tensor == 0
    return where(zero, s.tensor ** (1 / p), where(zero, 1.0, s) ** (1 / p))
