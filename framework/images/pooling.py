"""Pooling of images, an axis at a time: a window of rows and columns is one of rows over one of columns.

`windows` holds those along every axis of the image, which are the last axes of x. Rows are summed before columns, for
whole rows lie together in memory. Maxima are taken along columns first: of equals in a window the first one read, row
by row, is the first of the first row that has one.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf, isfinite, prod
from typing import Protocol

import torch
from torch import Tensor

from framework.blocks import threads
from framework.images.windows import Sliding, along
from framework.precision import wide
from framework.sums import add_slices

FEW = 1 << 16  # numbers that windows see: to read each from its window at once takes less than many operations
CACHED = 1 << 19  # bytes of images whose maxima are taken at a time: little beside what they give, and in a cache


class AxisWindows(Protocol):
    """AxisWindows along one axis, which is counted from the last (-1)."""

    @property
    def size(self) -> int:
        """How many pixels the axis has."""

    @property
    def outputs(self) -> int:
        """How many windows there are."""

    @property
    def whole(self) -> bool:
        """Whether there is one window, of all pixels."""

    @property
    def sliding(self) -> Sliding | None:
        """The same as windows that slide; None where there are none."""

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
    if all(window.whole for window in windows):
        return x.sum(tuple(range(-len(windows), 0)), keepdim=True)
    for axis, of_axis in enumerate(windows, -len(windows)):
        x = of_axis.sums(x, axis)
    return x


def spread(dy: Tensor, windows: Sequence[AxisWindows]) -> Tensor:
    """Add what belongs to each window to every pixel that it sees, the adjoint of `sums`."""
    if all(window.whole for window in windows):
        return dy.expand(*dy.shape[: -len(windows)], *(window.size for window in windows)).contiguous()
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
    axes, outputs = len(windows), [window.outputs for window in windows]
    planes = x.reshape(-1, *x.shape[-axes:])
    best, places = maxima_at_once(planes, windows)
    if places is None or not isfinite(best.sum()):  # of nan, and where none is above -inf, axes know the place
        best, places = maxima_by_blocks(planes, windows)
    return best.view(*x.shape[:-axes], *outputs), places.view(*x.shape[:-axes], *outputs)


def maxima_at_once(planes: Tensor, windows: Sequence[AxisWindows]) -> tuple[Tensor, Tensor | None]:
    """Return the same of images (planes, *size) with one window, or of few numbers; no places of others.

    Along one axis this saves no operation.
    """
    if all(window.whole for window in windows):
        best, places = planes.flatten(1).max(1)
        return best, places
    sliding = tuple(window.sliding for window in windows if window.sliding)
    if not 1 < len(windows) == len(sliding) or len(planes) * prod([w.outputs * w.kernel for w in sliding]) > FEW:
        return planes, None
    best, taps = seen(planes, sliding).max(0)
    offsets, starts = numbers(sliding, planes.device)
    return best, offsets.index_select(0, taps.view(-1)).view_as(taps).add_(starts)


def seen(planes: Tensor, windows: Sequence[Sliding]) -> Tensor:
    """Return what each tap sees of images (planes, *size), and -inf in the padding: (taps, planes, *outputs)."""
    if not all(window.within for window in windows):
        reached = [max(w.padding + w.size, (w.outputs - 1) * w.stride + w.extent) for w in windows]
        framed = planes.new_full((len(planes), *reached), -inf)
        framed[(slice(None), *(slice(w.padding, w.padding + w.size) for w in windows))] = planes
        planes = framed
    plane, *steps = planes.stride()
    apart = [step * window.dilation for step, window in zip(steps, windows, strict=True)]
    places = [step * window.stride for step, window in zip(steps, windows, strict=True)]
    size = *(w.kernel for w in windows), len(planes), *(w.outputs for w in windows)
    return planes.as_strided(size, (*apart, plane, *places)).flatten(0, len(windows) - 1)


@lru_cache(maxsize=64)
def numbers(windows: tuple[Sliding, ...], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return by how much the number of a pixel grows from the first tap to each, and what it is at the first one."""
    offsets, starts = torch.zeros(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    for window in windows:
        taps = torch.arange(window.kernel) * window.dilation
        offsets = (offsets[:, None] * window.size + taps).flatten()
        starts = starts[..., None] * window.size + window.starts(starts.device)
    return offsets.to(device), starts[0].to(device)


def maxima_by_blocks(planes: Tensor, windows: Sequence[AxisWindows]) -> tuple[Tensor, Tensor]:
    """Return the same an axis at a time, of images (planes, *size) that a cache holds at a time."""
    most = max(1, CACHED // (planes.element_size() * prod(planes.shape[1:])))
    if len(planes) <= most or threads() > 1:  # several threads share the work on large tensors alone
        return maxima_by_axis(planes, windows)
    shape = len(planes), *(window.outputs for window in windows)
    best, places = planes.new_empty(shape), planes.new_empty(shape, dtype=torch.int64)
    for first in range(0, len(planes), most):
        some = slice(first, first + most)
        best[some], places[some] = maxima_by_axis(planes[some], windows)
    return best, places


def maxima_by_axis(x: Tensor, windows: Sequence[AxisWindows]) -> tuple[Tensor, Tensor]:
    """Return the same an axis at a time."""
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
