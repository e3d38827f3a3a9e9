"""Borders of images: zeros around them, or pixels of their own read once more."""

from math import prod

import torch

from framework.arguments import Extents
from framework.images.padding import ZEROS, Border, bordered
from framework.layers.padding2d import Padding2d
from framework.tape.variable import Variable


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


def padding2d(layer: Padding2d, x: Variable) -> Variable:
    """Return images with a border, whatever axes stand before those of the pixels."""
    *before, rows, columns = x.shape
    y = with_border(x.reshape(1, prod(before), rows, columns), layer.border)
    return y.reshape(*before, *y.shape[2:])
