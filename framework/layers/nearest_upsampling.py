"""Enlargement of images by repetition of pixels."""

from functools import reduce

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.layers.convolutional import Extent
from framework.module import Layer, Saved


def forward(x: Tensor, scale: Pair) -> tuple[Tensor, Saved]:
    batch, channels, rows, columns = x.shape
    y = x.new_empty(batch, channels, rows, scale[0], columns, scale[1])
    for j in range(scale[1]):
        y[:, :, :, 0, :, j] = x
    y[:, :, :, 1:] = y[:, :, :, :1]  # whole rows: one long copy each
    return y.view(batch, channels, rows * scale[0], columns * scale[1]), ()


def backward(dy: Tensor, scale: Pair) -> Tensor:
    if scale == (1, 1):
        return dy.clone()  # never dy itself, which belongs to the caller
    batch, channels, rows, columns = dy.shape
    blocks = dy.view(batch, channels, rows // scale[0], scale[0], columns // scale[1], scale[1])
    # sums of slices, for torch's reduction over such short axes is many times slower
    return reduce(torch.add, reduce(torch.add, blocks.unbind(3)).unbind(4))


class NearestUpsampling(Layer):
    """Repeat every pixel over a block of scale_factor rows and columns.

    Shapes    x, dx  (N, C, H, W)
              y, dy  (N, C, P, Q),  P = H scale_factor, Q = W scale_factor
    Forward   y[n, c, p, q] = x[n, c, floor(p / scale_factor), floor(q / scale_factor)]
    Backward  dx = Σ dy over the block that repeats the pixel
    Source    torch.nn.Upsample with mode nearest; Odena, Dumoulin & Olah 2016, Distill.
    Raises    ValueError if scale_factor is below 1 or x is not (N, C, H, W) or has no pixels; TypeError if x is not
              floating.
    """

    def __init__(self, scale_factor: Extent) -> None:
        super().__init__()
        self.scale = arguments.pair(self.label(), "scale_factor", scale_factor, 1)

    def options(self) -> dict[str, object]:
        return {"scale_factor": self.scale}

    def validate(self, x: Tensor) -> None:
        shape = arguments.image(self.label(), x, None).shape
        if min(shape[1:]) < 1:
            raise ValueError(f"{self.label()}: x must have channels and pixels, had shape {tuple(shape)}")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.scale)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.scale),)
