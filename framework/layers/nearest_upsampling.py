"""Enlargement of images by repetition of pixels."""

from functools import reduce

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.images.resizing import Resizing
from framework.layers.convolutional import Extent
from framework.module import Layer, Saved
from framework.precision import wide
from framework.sums import add_slices

FEW = 1 << 12  # pixels of the output: one slow copy takes less than some quick ones


def read(extent: int, out: int, device: torch.device) -> Tensor:
    """Return which of `extent` pixels each of `out` shows: floor(p extent / out), in float32 as torch has it."""
    step = torch.tensor(extent, dtype=torch.float32).div(out).item()
    return torch.arange(out, device=device, dtype=torch.float32).mul_(step).long().clamp_(max=extent - 1)


def forward(x: Tensor, out: Pair) -> tuple[Tensor, Saved]:
    batch, channels, rows, columns = x.shape
    scale = out[0] // rows, out[1] // columns
    if (rows * scale[0], columns * scale[1]) != out:
        return x.index_select(2, read(rows, out[0], x.device)).index_select(3, read(columns, out[1], x.device)), ()
    shape = batch, channels, rows, scale[0], columns, scale[1]
    if x.numel() * scale[0] * scale[1] <= FEW:
        sample, channel, row, column = x.stride()
        repeated = x.as_strided(shape, (sample, channel, row, 0, column, 0))
        return repeated.clone(memory_format=torch.contiguous_format).view(batch, channels, *out), ()
    y = x.new_empty(shape)
    for j in range(scale[1]):
        y[:, :, :, 0, :, j] = x
    y[:, :, :, 1:] = y[:, :, :, :1]  # whole rows: one long copy each
    return y.view(batch, channels, *out), ()


def backward(dy: Tensor, size: Pair) -> Tensor:
    """Return dx of images of `size`."""
    batch, channels, *out = dy.shape
    if size == tuple(out):
        return dy.clone()  # never dy itself, which belongs to the caller
    scale = out[0] // size[0], out[1] // size[1]
    if [size[0] * scale[0], size[1] * scale[1]] != out:
        drows = wide(dy).new_zeros(batch, channels, size[0], out[1])
        add_slices(drows, 2, read(size[0], out[0], dy.device), wide(dy))
        dx = drows.new_zeros(batch, channels, *size)
        return add_slices(dx, 3, read(size[1], out[1], dy.device), drows).to(dy.dtype)
    blocks = wide(dy).view(batch, channels, size[0], scale[0], size[1], scale[1])
    # sums of slices, for torch's reduction over such short axes is many times slower
    return reduce(torch.add, reduce(torch.add, blocks.unbind(3)).unbind(4)).to(dy.dtype)


class NearestUpsampling(Layer):
    """Repeat every pixel: over a block of scale_factor rows and columns, or as often as size needs.

    Shapes    x, dx  (N, C, H, W)
              y, dy  (N, C, P, Q),  (P, Q) = size, or P = H scale_factor, Q = W scale_factor
    Forward   y[n, c, p, q] = x[n, c, floor(p H / P), floor(q W / Q)]
    Backward  dx = Σ dy over the places that repeat the pixel
    Source    torch.nn.Upsample with mode nearest; Odena, Dumoulin & Olah 2016, Distill.
    Raises    ValueError unless just one of scale_factor and size is given, if it is below 1, or if x is not
              (N, C, H, W) or has no pixels; TypeError if x is not floating.
    """

    def __init__(self, scale_factor: Extent | None = None, size: Extent | None = None) -> None:
        super().__init__()
        self.resizing = Resizing.whole(self.label(), scale_factor, size)
        self._size = 0, 0

    def options(self) -> dict[str, object]:
        return self.resizing.options()

    def validate(self, x: Tensor) -> None:
        shape = arguments.image(self.label(), x, None).shape
        if min(shape[1:]) < 1:
            raise ValueError(f"{self.label()}: x must have channels and pixels, had shape {tuple(shape)}")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_size=(x.shape[2], x.shape[3]))
        return forward(x, self.resizing.out(self._size))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self._size),)
