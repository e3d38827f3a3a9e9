"""The three maps that convolution and its transpose are made of.

A convolution is linear in x and in weight, so one bilinear form ⟨dy, correlate(x, weight)⟩ holds all three:
each function below is its gradient for one argument. Each goes over the output block by block, and sums over the taps
of the first axis of the kernel products of matrices (`columns`).
"""

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from framework.arguments import Extents
from framework.blocks import threads
from framework.images.columns import Columns, columns, ranges, viewed
from framework.images.geometry import Geometry, size_of
from framework.images.padding import bordered, gather
from framework.precision import wide

CACHED = (
    1 << 21
)  # bytes of a matrix, a thread: what a smaller one gains in a nearer cache, its blocks lose in operations
ENOUGH = 512  # columns: images that have fewer are worth to be laid side by side
FEW = 1 << 16  # numbers: to copy them once a tap, or to scatter them, takes less than an operation more a tap


class Division(NamedTuple):
    """How the work is cut: how many images at a time, how many rows of the output; and how these become `Columns`."""

    images: int
    rows: int
    joined: bool
    shifted: bool
    few: bool = False

    def columns(self, framed: Tensor, geometry: Geometry, output: Extents) -> Columns:
        """Return the columns of framed images that such an output sees."""
        return columns(
            geometry, framed.shape, framed.stride(), output, self.joined and framed.shape[0] != 1, self.shifted
        )


@lru_cache(maxsize=512)
def division(
    geometry: Geometry, shape: Extents, outputs: int, output: Extents, dtype: torch.dtype, cuda: bool, threads: int
) -> Division:
    """Return how to cut images of a shape (N, C, *size), by what was measured.

    Where there are more outputs than rows of a matrix, to add products takes longer than the copies that it saves.
    A device has the whole batch at once. So has a format of 16 bits, in one product, for its sums would lose digits.
    """
    (batch, channels), positions = shape[:2], prod(output)
    rows, taps, held = channels * prod(geometry.kernel[1:]), geometry.kernel[0], CACHED * threads
    few, at_once = rows * taps * batch * positions <= FEW, cuda or dtype.itemsize < 4
    if few or at_once:
        return Division(max(1, batch), output[0], not cuda, False, not at_once)
    shifted = rows > outputs
    row = rows * (1 if shifted else taps) * prod(output[1:]) * dtype.itemsize
    images = max(held // (row * output[0]), -(-ENOUGH // positions))
    return Division(images, output[0] if images > 1 else max(1, held // row), positions < ENOUGH, shifted)


def divided(images: Tensor, most: int, axis: int) -> tuple[Tensor, ...]:
    """Return parts of a tensor, so many or fewer along an axis each."""
    return (images,) if images.shape[axis] <= most else torch.split(images, most, axis)


def by_images(
    x: Tensor, outputs: Tensor, geometry: Geometry, cut: Division
) -> Iterator[tuple[Tensor, Tensor, Columns]]:
    """Yield, block by block, framed images from the first row that is seen on, the outputs that see it, and columns."""
    for some, theirs in zip(divided(x, cut.images, 0), divided(outputs, cut.images, 0), strict=True):
        yield from by_rows(framed(some, geometry), theirs, geometry, cut)


def by_rows(x: Tensor, outputs: Tensor, geometry: Geometry, cut: Division) -> Iterator[tuple[Tensor, Tensor, Columns]]:
    """Yield the same of images that are framed and few enough."""
    first = 0
    for rows in divided(outputs, cut.rows, 2):
        seen = x[:, :, first:] if first else x
        yield seen, rows, cut.columns(seen, geometry, rows.shape[2:])
        first += cut.rows * geometry.stride[0]


def framed(x: Tensor, geometry: Geometry) -> Tensor:
    return bordered(x, geometry.border) if geometry.border.laid else x


def kernels(weight: Tensor, geometry: Geometry, cut: Division) -> Tensor:
    """Return weight (O, C/G, *kernel) as matrices (taps of the first axis, G, O/G, C/G·K')."""
    (outputs, inner), groups = weight.shape[:2], geometry.groups
    if not cut.shifted:
        return weight.reshape(1, groups, outputs // groups, -1)
    taps = weight.reshape(outputs, inner, geometry.kernel[0], -1).permute(2, 0, 1, 3)
    return taps.reshape(geometry.kernel[0], groups, outputs // groups, -1)


def correlate(
    x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, output: Extents | None = None
) -> Tensor:
    """Slide weight (O, C/G, Kh, Kw) over x (N, C, H, W), add bias (O,): (N, O, P, Q), which may be fewer than fit."""
    output = geometry.output(size_of(x)) if output is None else output
    cut = division(geometry, x.shape, weight.shape[0], output, x.dtype, x.is_cuda, threads())
    matrices = kernels(weight, geometry, cut)
    start = None if bias is None else bias.view(geometry.groups, -1, 1)
    shape = x.shape[0], weight.shape[0], *output
    if shape[0] <= cut.images and output[0] <= cut.rows:
        x = framed(x, geometry)
        return summed(x, matrices, start, cut.columns(x, geometry, output), shape).contiguous()
    y = x.new_empty(shape)
    for seen, rows, of_rows in by_images(x, y, geometry, cut):
        rows.copy_(summed(seen, matrices, start, of_rows, rows.shape))
    return y


def summed(x: Tensor, kernels: Tensor, bias: Tensor | None, of_x: Columns, shape: Extents) -> Tensor:
    """Return bias and the products of kernels and what they see of framed x, a view as images of a shape."""
    total = None
    for tap, seen in of_x.seen(x):
        kernel = of_x.each(kernels[tap])
        if total is not None:
            total.baddbmm_(kernel, seen)
        else:
            total = torch.bmm(kernel, seen) if bias is None else torch.baddbmm(of_x.each(bias), kernel, seen)
    assert total is not None  # a kernel has taps
    return of_x.images(total, shape)


def correlate_input_gradient(
    dy: Tensor, weight: Tensor, size: Extents, geometry: Geometry, bias: Tensor | None = None
) -> Tensor:
    """Return the gradient for x of `size` (H, W), given dy (N, O, P, Q) and weight (O, C/G, Kh, Kw), plus bias (C,)."""
    border, batch, channels = geometry.border, dy.shape[0], weight.shape[1] * geometry.groups
    cut = division(geometry, (batch, channels), weight.shape[0], dy.shape[2:], dy.dtype, dy.is_cuda, threads())
    if cut.few:
        dx = scattered(dy, weight, size, geometry)
        return dx if bias is None else dx.add_(along_channels(bias, size))
    matrices = kernels(weight, geometry, cut).transpose(2, 3)
    dx = dy.new_zeros(batch, channels, *size)
    for some, into in zip(divided(dy, cut.images, 0), divided(dx, cut.images, 0), strict=True):
        # 16-bit formats are summed in float32, as a sum of a term a tap would lose bits
        total = wide(into)
        if border.laid:
            total = total.new_zeros(some.shape[0], channels, *border.around(size))
        for seen, rows, of_rows in by_rows(total, some, geometry, cut):
            add_back(seen, matrices, of_rows.of(rows), of_rows)
        if total is not into:
            into.copy_(gather(total, border, size))
        if bias is not None:
            into.add_(along_channels(bias, size))
    return dx


def along_channels(bias: Tensor, size: Extents) -> Tensor:
    return bias.view(-1, *[1] * len(size))


@lru_cache(maxsize=64)
def places(geometry: Geometry, around: Extents, output: Extents, device: torch.device) -> Tensor:
    """Return the number of the pixel, within the frame, that each tap sees at each position: (K·P,)."""
    numbers = torch.arange(prod(around), device=device).expand(1, geometry.groups, -1).view(1, -1, *around)
    of_one = columns(geometry, numbers.shape, numbers.stride(), output, False, False)
    return next(of_one.seen(numbers))[1][0].flatten()


def scattered(dy: Tensor, weight: Tensor, size: Extents, geometry: Geometry) -> Tensor:
    """Return the same where numbers are few: to scatter them takes less than an addition a tap."""
    (batch, outputs), groups, channels = dy.shape[:2], geometry.groups, weight.shape[1] * geometry.groups
    around = geometry.border.around(size)
    rows = dy.reshape(batch * groups, outputs // groups, prod(dy.shape[2:]))
    kernel = weight.reshape(groups, outputs // groups, -1).transpose(1, 2)
    terms = torch.bmm(kernel if batch == 1 else kernel.expand(batch, -1, -1, -1).flatten(0, 1), rows)
    to = places(geometry, around, dy.shape[2:], dy.device).expand(batch * channels, -1)
    total = dy.new_zeros(batch * channels, prod(around)).scatter_add_(1, to, terms.view(to.shape))
    return gather(total.view(batch, channels, *around), geometry.border, size).contiguous()


def add_back(dx: Tensor, kernels: Tensor, drows: Tensor, of_dx: Columns) -> None:
    """Add to every pixel of framed dx, in place, what it gave to the rows by each tap: the adjoint of `seen`."""
    for part in of_dx.parts:
        if len(part.taps) == 1:
            total = torch.bmm(of_dx.each(kernels[part.taps[0][0]]), drows)
        else:
            total = drows.new_zeros(part.matrix)
            for tap, seen in ranges(total, part):
                seen.baddbmm_(of_dx.each(kernels[tap]), drows)
        view = viewed(dx, part)
        for place, term in zip(of_dx.by_tap(view), of_dx.by_tap(total.view(view.shape)), strict=True):
            place.add_(term)


def correlate_weight_gradient(dy: Tensor, x: Tensor, geometry: Geometry) -> Tensor:
    """Return the gradient for weight, (O, C/G, Kh, Kw), given dy (N, O, P, Q) and x (N, C, H, W)."""
    outputs, inner = dy.shape[1], x.shape[1] // geometry.groups
    cut = division(geometry, x.shape, outputs, size_of(dy), x.dtype, x.is_cuda, threads())
    totals: dict[int, Tensor] = {}
    for seen_x, rows, of_rows in by_images(x, dy, geometry, cut):
        drows = of_rows.of(rows)
        for tap, seen in of_rows.seen(seen_x):
            total = of_rows.summed(torch.bmm(drows, seen.transpose(1, 2)))  # (G, O/G, C/G·K')
            totals[tap] = totals[tap].add_(total) if tap in totals else total
    if not cut.shifted:
        return totals[0].view(outputs, inner, *geometry.kernel)
    taps = [totals[tap].view(outputs, inner, -1) for tap in range(geometry.kernel[0])]
    return torch.stack(taps, 2).view(outputs, inner, *geometry.kernel)
