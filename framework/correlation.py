"""Geometry of a convolution, and the three maps that convolution and its transpose are made of.

A convolution is linear in x and in weight, so one bilinear form ⟨dy, correlate(x, weight)⟩ holds all three:
each function below is its gradient for one argument.

Source    Dumoulin & Visin 2016, arXiv:1603.07285, relations 6 and 14; patches: Chellapilla, Puri & Simard 2006.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from framework.arguments import Pair


@dataclass(frozen=True)
class Geometry:
    """How a kernel meets an image; every pair is (rows, columns)."""

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1

    @property
    def extent(self) -> Pair:
        """Rows and columns that the dilated kernel covers: D (K - 1) + 1."""
        (a, b), (i, j) = self.dilation, self.kernel
        return a * (i - 1) + 1, b * (j - 1) + 1

    def padded(self, size: Pair) -> Pair:
        """Return the image's size with the padding on both sides: H + 2 P."""
        return size[0] + 2 * self.padding[0], size[1] + 2 * self.padding[1]

    def output(self, size: Pair) -> Pair:
        """Return (P, Q), floor((H + 2 P - extent) / S) + 1 each; below 1 where the kernel does not fit."""
        (rows, columns), (a, b), (s, t) = self.padded(size), self.extent, self.stride
        return (rows - a) // s + 1, (columns - b) // t + 1


def size_of(x: Tensor) -> Pair:
    """Return (H, W) of a tensor of shape (N, C, H, W)."""
    return x.shape[2], x.shape[3]


def patches(x: Tensor, geometry: Geometry, output: Pair) -> Tensor:
    """Return what the kernel sees at every one of the `output` positions: (N, G, C/G·Kh·Kw, P·Q)."""
    batch, channels = x.shape[:2]
    (top, left), (rows, columns) = geometry.padding, size_of(x)
    if top or left:
        framed = x.new_zeros(batch, channels, *geometry.padded((rows, columns)))
        framed[:, :, top : top + rows, left : left + columns] = x
        x = framed
    windows = x.unfold(2, geometry.extent[0], geometry.stride[0]).unfold(3, geometry.extent[1], geometry.stride[1])
    seen = windows[:, :, : output[0], : output[1], :: geometry.dilation[0], :: geometry.dilation[1]]
    taps = channels // geometry.groups * geometry.kernel[0] * geometry.kernel[1]
    # (N, C, P, Q, Kh, Kw) -> (N, C, Kh, Kw, P, Q): the one copy, and none for a contiguous 1 x 1 kernel
    return seen.permute(0, 1, 4, 5, 2, 3).reshape(batch, geometry.groups, taps, output[0] * output[1])


def reach(tap: int, axis: int, geometry: Geometry, size: int, outputs: int) -> tuple[slice, slice]:
    """Return which positions of the output see the image, not its padding, through a tap, and the pixels they see."""
    stride, offset = geometry.stride[axis], tap * geometry.dilation[axis] - geometry.padding[axis]
    first = max(0, -(offset // stride))
    count = max(0, min(outputs, -((offset - size) // stride)) - first)
    start = first * stride + offset
    return slice(first, first + count), slice(start, start + count * stride, stride)


def overlay(columns: Tensor, size: Pair, geometry: Geometry, output: Pair) -> Tensor:
    """Add every patch back where it was seen, the adjoint of `patches`: (N, C, H, W)."""
    batch, channels = columns.shape[0], columns.shape[1] * columns.shape[2] // (geometry.kernel[0] * geometry.kernel[1])
    if geometry == Geometry((1, 1), groups=geometry.groups):
        return columns.reshape(batch, channels, *size)
    taps = columns.reshape(batch, channels, *geometry.kernel, *output)
    # 16-bit formats are summed in float32, as a sum of Kh·Kw terms would lose bits
    x = taps.new_zeros(batch, channels, *size, dtype=torch.promote_types(taps.dtype, torch.float32))
    for i in range(geometry.kernel[0]):
        rows, above = reach(i, 0, geometry, size[0], output[0])
        for j in range(geometry.kernel[1]):
            across, beside = reach(j, 1, geometry, size[1], output[1])
            x[:, :, above, beside].add_(taps[:, :, i, j, rows, across])
    return x.to(taps.dtype)


def kernels(weight: Tensor, geometry: Geometry, batch: int) -> Tensor:
    """Return the weight as a matrix per image and group, (N·G, O/G, C/G·Kh·Kw): a view where there is one group."""
    outputs, taps = weight.shape[0] // geometry.groups, weight[0].numel()
    matrices = weight.reshape(1, geometry.groups, outputs, taps).expand(batch, -1, -1, -1)
    return matrices.reshape(batch * geometry.groups, outputs, taps)


def correlate(x: Tensor, weight: Tensor, geometry: Geometry, output: Pair | None = None) -> Tensor:
    """Slide weight (O, C/G, Kh, Kw) over x (N, C, H, W): (N, O, P, Q), where (P, Q) may be fewer than fit."""
    output = geometry.output(size_of(x)) if output is None else output
    columns = patches(x, geometry, output).flatten(0, 1)  # (N·G, C/G·Kh·Kw, P·Q)
    y = torch.bmm(kernels(weight, geometry, x.shape[0]), columns)
    return y.view(x.shape[0], weight.shape[0], *output)


def correlate_input_gradient(dy: Tensor, weight: Tensor, size: Pair, geometry: Geometry) -> Tensor:
    """Return the gradient for x of `size` (H, W), given dy (N, O, P, Q) and weight (O, C/G, Kh, Kw)."""
    batch, outputs = dy.shape[:2]
    rows = dy.reshape(batch * geometry.groups, outputs // geometry.groups, dy.shape[2] * dy.shape[3])
    columns = torch.bmm(kernels(weight, geometry, batch).transpose(1, 2), rows)
    return overlay(columns.view(batch, geometry.groups, *columns.shape[1:]), size, geometry, size_of(dy))


def correlate_weight_gradient(dy: Tensor, x: Tensor, geometry: Geometry) -> Tensor:
    """Return the gradient for weight, (O, C/G, Kh, Kw), given dy (N, O, P, Q) and x (N, C, H, W)."""
    (batch, outputs), groups = dy.shape[:2], geometry.groups
    columns = patches(x, geometry, size_of(dy)).flatten(0, 1)  # (N·G, C/G·Kh·Kw, P·Q)
    rows = dy.reshape(batch * groups, outputs // groups, dy.shape[2] * dy.shape[3])
    products = torch.bmm(rows, columns.transpose(1, 2))  # (N·G, O/G, C/G·Kh·Kw)
    dweight = products.view(batch, groups, *products.shape[1:]).sum(0)
    return dweight.view(outputs, x.shape[1] // groups, *geometry.kernel)
