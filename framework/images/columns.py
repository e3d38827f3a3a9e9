"""Images as matrices whose product with a kernel is a convolution.

A column is what one position of the output sees, a row what one tap of the kernel sees. The taps of the first axis see
the same rows of the image, only some rows on: a matrix that holds these rows once holds what each tap sees as a range
of its columns, which a product takes as they are. That saves all but one of the copies along this axis.

Source    patches: Chellapilla, Puri & Simard 2006.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from framework.arguments import Extents
from framework.images.geometry import Geometry


class SeenRows(NamedTuple):
    """Some rows of the images as a strided view, which is copied into a matrix, and of this what each tap sees.

    view    size, strides and offset of (B, G, C/G, *K', *positions), K' the axes of the kernel whose taps are rows
    matrix  (B·G, C/G·K', positions)
    taps    taps of the first axis, and of each the first column and how many
    """

    view: tuple[Extents, Extents, int]
    matrix: Extents
    taps: list[tuple[int, int, int]]


class Columns(NamedTuple):
    """The matrices of images of one size.

    blocks   B, of images that lie side by side, with a matrix each
    joined   whether all images lie side by side in one matrix, or each has its own
    shifted  whether the taps of the first axis are ranges of columns, or rows as the others are
    """

    geometry: Geometry
    parts: list[SeenRows]
    blocks: int
    joined: bool
    shifted: bool

    def seen(self, x: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Yield the taps of the first axis, and the matrix of what each sees of images x."""
        for part in self.parts:
            matrix = viewed(x, part).reshape(part.matrix)  # the one copy, and none for a contiguous 1 x 1 kernel
            yield from ranges(matrix, part)

    def images(self, matrices: Tensor, shape: Extents) -> Tensor:
        """Return a view of matrices (B·G, C/G, columns) as images of shape (N, C, *output)."""
        if not self.joined:
            return matrices.view(shape)
        batch, channels, first, *rest = shape
        if self.shifted:
            return matrices.view(channels, first, batch, *rest).permute(2, 0, 1, *range(3, len(shape)))
        return matrices.view(channels, batch, first, *rest).transpose(0, 1)

    def of(self, images: Tensor) -> Tensor:
        """Return images (N, C, *output) as matrices (B·G, C/G, columns)."""
        groups, (batch, channels, *size) = self.geometry.groups, images.shape
        if self.joined:
            images = images.permute(1, 2, 0, *range(3, images.dim())) if self.shifted else images.transpose(0, 1)
        return images.reshape(self.blocks * groups, channels // groups, prod(size) * (batch if self.joined else 1))

    def each(self, kernel: Tensor) -> Tensor:
        """Return matrices (G, *) for all blocks of images, (B·G, *): a view if there is one block, or one group."""
        if self.blocks == 1:
            return kernel
        return kernel.expand(self.blocks, *kernel.shape).flatten(0, 1)

    def summed(self, products: Tensor) -> Tensor:
        """Return the sum of products (B·G, *) over the blocks: (G, *)."""
        if self.blocks == 1:
            return products
        return products.view(self.blocks, self.geometry.groups, *products.shape[1:]).sum(0)

    def by_tap(self, view: Tensor) -> list[Tensor]:
        """Return a view (B, G, C/G, *K', *positions) tap by tap."""
        taps = [view]
        for _ in range(len(self.geometry.kernel) - self.shifted):
            taps = [tap for one in taps for tap in one.unbind(3)]
        return taps


def viewed(x: Tensor, part: SeenRows) -> Tensor:
    size, strides, offset = part.view
    if torch.compiler.is_compiling():
        x = x.clone()  # of which a compiler knows where it begins
        return x.as_strided(size, strides, offset)
    return x.as_strided(size, strides, x.storage_offset() + offset)


def ranges(matrix: Tensor, part: SeenRows) -> Iterator[tuple[int, Tensor]]:
    """Yield the taps of the first axis, and of the matrix of a part the columns that each sees."""
    for tap, first, count in part.taps:
        yield tap, matrix if count == matrix.shape[2] else matrix.narrow(2, first, count)


@lru_cache(maxsize=512)  # it takes longer than the products of a small image
def columns(
    geometry: Geometry, shape: Extents, steps: Extents, output: Extents, joined: bool, shifted: bool
) -> Columns:
    """Return how framed images of a shape and with such strides become columns for so many positions of the output."""
    g, (batch, channels), (sample, channel, *steps_of) = geometry, shape[:2], steps
    blocks, inner, cut = 1 if joined else batch, channels // g.groups, int(shifted)
    kernel = g.kernel[cut:]
    apart = [step * d for step, d in zip(steps_of, g.dilation, strict=True)][cut:]
    places = [step * s for step, s in zip(steps_of, g.stride, strict=True)]
    made: list[SeenRows] = []
    for start, rows, taps in met(g, output[0]) if shifted else [(0, output[0], [(0, 0)])]:
        positions, strides = [rows, *output[1:]], [*places]
        if joined:
            positions.insert(cut, batch)
            strides.insert(cut, sample)
        size = blocks, g.groups, inner, *kernel, *positions
        view = size, (sample, inner * channel, channel, *apart, *strides), start * steps_of[0]
        row = prod(positions) // rows
        ranged = [(tap, first * row, output[0] * row) for tap, first in taps]
        made.append(SeenRows(view, (blocks * g.groups, inner * prod(kernel), prod(positions)), ranged))
    return Columns(geometry, made, blocks, joined, shifted)


def met(geometry: Geometry, outputs: int) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Return rows that the taps of the first axis see, dealt out by where they lie within a stride.

    Each as the first row, how many a stride apart, and the taps that see them, each from which of these rows on.
    """
    stride, dilation = geometry.stride[0], geometry.dilation[0]
    dealt: dict[int, list[int]] = {}
    for tap in range(geometry.kernel[0]):
        dealt.setdefault(tap * dilation % stride, []).append(tap)
    firsts = [[(tap, (tap - taps[0]) * dilation // stride) for tap in taps] for taps in dealt.values()]
    return [(taps[0][0] * dilation, taps[-1][1] + outputs, taps) for taps in firsts]
