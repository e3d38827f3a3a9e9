"""Geometry of a convolution, and the three maps that convolution and its transpose are made of.

A convolution is linear in x and in weight, so one bilinear form ⟨dy, correlate(x, weight)⟩ holds all three:
each function below is its gradient for one argument. An image has one axis or more: (*size) stands for (H, W).

Source    Dumoulin & Visin 2016, arXiv:1603.07285, relations 6 and 14; patches: Chellapilla, Puri & Simard 2006.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import prod

import torch
from torch import Tensor

from framework.arguments import Extents
from framework.images.padding import ZEROS, Border, bordered, gather

Index = tuple[slice | int, ...]
ALL = slice(None)


@dataclass(frozen=True)
class Geometry:
    """How a kernel meets an image; a number an axis."""

    kernel: Extents
    stride: Extents
    border: Border
    dilation: Extents
    groups: int = 1

    @cached_property
    def extent(self) -> Extents:
        """Pixels that the dilated kernel covers: D (K - 1) + 1."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))

    @cached_property
    def single(self) -> bool:
        """Whether every pixel of the output sees the one pixel of the image in its place."""
        return max(*self.kernel, *self.stride, *self.dilation) == 1 and not self.border.laid

    def output(self, size: Extents) -> Extents:
        """Return (P, Q), floor((H + padding - extent) / S) + 1 each; below 1 where the kernel does not fit."""
        around = self.border.around(size)
        return tuple((n - e) // s + 1 for n, e, s in zip(around, self.extent, self.stride, strict=True))


def size_of(x: Tensor) -> Extents:
    """Return (*size) of a tensor of shape (N, C, *size)."""
    return x.shape[2:]


def patches(x: Tensor, geometry: Geometry, output: Extents) -> Tensor:
    """Return what the kernel sees at every one of the `output` positions: (N, G, C/G·Kh·Kw, P·Q)."""
    batch, channels = x.shape[:2]
    if geometry.border.laid:
        x = bordered(x, geometry.border)
    sample, channel, *steps = x.stride()
    taps = [step * d for step, d in zip(steps, geometry.dilation, strict=True)]
    positions = [step * s for step, s in zip(steps, geometry.stride, strict=True)]
    seen = x.as_strided((batch, channels, *geometry.kernel, *output), (sample, channel, *taps, *positions))
    rows = channels // geometry.groups * prod(geometry.kernel)
    # the one copy, and none for a contiguous 1 x 1 kernel
    return seen.reshape(batch, geometry.groups, rows, prod(output))


def reach(axis: int, geometry: Geometry, before: int, size: int, outputs: int) -> list[tuple[int, slice, slice]]:
    """Return, tap by tap, which positions of the output see the image, not the zeros `before` it, and which pixels."""
    stride, met = geometry.stride[axis], []
    for tap in range(geometry.kernel[axis]):
        offset = tap * geometry.dilation[axis] - before
        first = max(0, -(offset // stride))
        count = max(0, min(outputs, -((offset - size) // stride)) - first)
        start = first * stride + offset
        met.append((tap, slice(first, first + count), slice(start, start + count * stride, stride)))
    return met


@lru_cache(maxsize=512)  # it takes longer than the sums of a small image
def meetings(geometry: Geometry, before: Extents, size: Extents, output: Extents) -> list[tuple[Index, Index]]:
    """Return, tap by tap, where the tap stands among the patches, and the pixels that it is added to."""
    axes = (reach(axis, geometry, *extents) for axis, extents in enumerate(zip(before, size, output, strict=True)))
    every = (zip(*met, strict=True) for met in product(*axes))
    return [((ALL, ALL, *at, *positions), (ALL, ALL, *pixels)) for at, positions, pixels in every]


def scattered(columns: Tensor, size: Extents, before: Extents, geometry: Geometry, output: Extents) -> Tensor:
    """Add every patch back where it was seen in an image with zeros `before` it: (N, C, *size)."""
    batch, channels = columns.shape[0], columns.shape[1] * columns.shape[2] // prod(geometry.kernel)
    taps = columns.reshape(batch, channels, *geometry.kernel, *output)
    # 16-bit formats are summed in float32, as a sum of Kh·Kw terms would lose bits
    x = taps.new_zeros(batch, channels, *size, dtype=torch.promote_types(taps.dtype, torch.float32))
    for at, pixels in meetings(geometry, before, size, output):
        x[pixels].add_(taps[at])
    return x


def overlay(columns: Tensor, size: Extents, geometry: Geometry, output: Extents) -> Tensor:
    """Add every patch back to the pixels that it shows, the adjoint of `patches`: (N, C, *size)."""
    border = geometry.border
    if geometry.single:
        return columns.reshape(len(columns), columns.shape[1] * columns.shape[2], *size)
    if border.mode == ZEROS:
        x = scattered(columns, size, border.before, geometry, output)
    else:
        framed = scattered(columns, border.around(size), (0,) * len(size), geometry, output)
        x = gather(framed, border, size)
    return x.to(columns.dtype)


def kernels(weight: Tensor, geometry: Geometry, batch: int) -> Tensor:
    """Return the weight as a matrix per image and group, (N·G, O/G, C/G·Kh·Kw): a view where there is one group."""
    outputs, taps = weight.shape[0] // geometry.groups, weight[0].numel()
    matrices = weight.reshape(1, geometry.groups, outputs, taps).expand(batch, -1, -1, -1)
    return matrices.reshape(batch * geometry.groups, outputs, taps)


def correlate(x: Tensor, weight: Tensor, geometry: Geometry, output: Extents | None = None) -> Tensor:
    """Slide weight (O, C/G, Kh, Kw) over x (N, C, H, W): (N, O, P, Q), where (P, Q) may be fewer than fit."""
    output = geometry.output(size_of(x)) if output is None else output
    columns = patches(x, geometry, output).flatten(0, 1)  # (N·G, C/G·Kh·Kw, P·Q)
    y = torch.bmm(kernels(weight, geometry, x.shape[0]), columns)
    return y.view(x.shape[0], weight.shape[0], *output)


def correlate_input_gradient(dy: Tensor, weight: Tensor, size: Extents, geometry: Geometry) -> Tensor:
    """Return the gradient for x of `size` (H, W), given dy (N, O, P, Q) and weight (O, C/G, Kh, Kw)."""
    batch, outputs = dy.shape[:2]
    rows = dy.reshape(batch * geometry.groups, outputs // geometry.groups, prod(size_of(dy)))
    columns = torch.bmm(kernels(weight, geometry, batch).transpose(1, 2), rows)
    return overlay(columns.view(batch, geometry.groups, *columns.shape[1:]), size, geometry, size_of(dy))


def correlate_weight_gradient(dy: Tensor, x: Tensor, geometry: Geometry) -> Tensor:
    """Return the gradient for weight, (O, C/G, Kh, Kw), given dy (N, O, P, Q) and x (N, C, H, W)."""
    (batch, outputs), groups = dy.shape[:2], geometry.groups
    columns = patches(x, geometry, size_of(dy)).flatten(0, 1)  # (N·G, C/G·Kh·Kw, P·Q)
    rows = dy.reshape(batch * groups, outputs // groups, prod(size_of(dy)))
    products = torch.bmm(rows, columns.transpose(1, 2))  # (N·G, O/G, C/G·Kh·Kw)
    dweight = products.view(batch, groups, *products.shape[1:]).sum(0)
    return dweight.view(outputs, x.shape[1] // groups, *geometry.kernel)
