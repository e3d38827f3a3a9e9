"""Pooling of images, an axis at a time: a window of rows and columns is one of rows over one of columns.

`windows` holds those along every axis of the image, which are the last axes of x. Rows are summed before columns, for
whole rows lie together in memory. Maxima are taken along columns first: of equals in a window the first one read, row
by row, is the first of the first row that has one.
"""

from collections.abc import Sequence
from math import prod
from typing import Protocol

import torch
from torch import Tensor

from framework.images.windows import along
from framework.precision import wide
from framework.sums import add_slices


class AxisWindows(Protocol):
    """AxisWindows along one axis, which is counted from the last (-1)."""

    def sums(self, x: Tensor, axis: int) -> Tensor:
        """Return the sum of what each window sees."""

    def spread(self, dy: Tensor, axis: int) -> Tensor:
        """Add what belongs to each window to every pixel that it sees, the adjoint of `sums`."""

    def highest(self, x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """Return the maximum of each window, and which of the pixels that it sees: of equals the first, of nan the
        last."""

    def places(self, taps: Tensor, axis: int) -> Tensor:
        """Return where on the axis the pixels lie that `highest` told."""


def sums(x: Tensor, windows: Sequence[AxisWindows]) -> Tensor:
    """Return the sum of what each window sees."""
    for axis, of_axis in enumerate(windows, -len(windows)):
        x = of_axis.sums(x, axis)
    return x


def spread(dy: Tensor, windows: Sequence[AxisWindows]) -> Tensor:
    """Add what belongs to each window to every pixel that it sees, the adjoint of `sums`."""
    for axis, of_axis in enumerate(reversed(windows), 1):
        dy = of_axis.spread(dy, -axis)
    return dy


def products(lengths: Sequence[Tensor | int]) -> Tensor | int:
    """Return the numbers of pixels in windows, given their lengths along every axis."""
    total: Tensor | int = 1
    for axis, length in enumerate(lengths, -len(lengths)):
        total = total * (along(length, axis) if isinstance(length, Tensor) else length)
    return total


def maxima(x: Tensor, windows: Sequence[AxisWindows]) -> tuple[Tensor, Tensor]:
    """Return the maximum of what each window sees, and its place in the image, whose pixels are counted row by row."""
    sizes, taps = x.shape[-len(windows) :], list[Tensor]()
    for axis, of_axis in enumerate(reversed(windows), 1):
        x, by = of_axis.highest(x, -axis)
        if taps:  # of the maxima along the later axes those that are maxima along this one too
            place = of_axis.places(by, -axis)
            taps = [tap.gather(-axis, place) for tap in taps]
        taps.append(by)
    at = [
        of_axis.places(tap, -axis) for axis, (of_axis, tap) in enumerate(zip(reversed(windows), taps, strict=True), 1)
    ]
    places = at.pop()
    for size, place in zip(sizes[1:], reversed(at), strict=True):
        places = places.mul_(size).add_(place)
    return x, places


def returned(dy: Tensor, places: Tensor, shape: torch.Size, axes: int) -> Tensor:
    """Add dy to the pixels at the `places` of the maxima, in images of so many axes, the last ones of `shape`."""
    planes, pixels, outputs = prod(shape[:-axes]), prod(shape[-axes:]), prod(dy.shape[-axes:])
    # 16-bit formats are summed in float32, as windows that overlap may share a maximum
    dx = dy.new_zeros(planes, pixels, dtype=torch.promote_types(dy.dtype, torch.float32))
    places, terms = places.view(planes, outputs), wide(dy).reshape(planes, outputs)
    if dx.is_cuda:  # scatter_add's order changes there from run to run, as that of index_add does
        numbers = places + pixels * torch.arange(planes, device=places.device)[:, None]
        add_slices(dx.view(-1), 0, numbers.view(-1), terms.view(-1))
    else:
        dx.scatter_add_(1, places, terms)
    return dx.to(dy.dtype).view(shape)
