"""Channels laid out as pixels."""

from math import prod

from torch import Tensor

from framework import arguments
from framework.module import Layer, Saved


def forward(x: Tensor, factor: int) -> tuple[Tensor, Saved]:
    *batch, channels, rows, columns = x.shape
    blocks = x.reshape(prod(batch) * channels // factor**2, factor, factor, rows, columns)
    y = x.new_empty(len(blocks), rows, factor, columns, factor)
    y.copy_(blocks.permute(0, 3, 1, 4, 2))
    return y.view(*batch, channels // factor**2, rows * factor, columns * factor), ()


def backward(dy: Tensor, factor: int) -> Tensor:
    *batch, channels, rows, columns = dy.shape
    rows, columns = rows // factor, columns // factor
    blocks = dy.reshape(prod(batch) * channels, rows, factor, columns, factor)
    dx = dy.new_empty(len(blocks), factor, factor, rows, columns)
    dx.copy_(blocks.permute(0, 2, 4, 1, 3))
    return dx.view(*batch, channels * factor**2, rows, columns)


class PixelShuffle(Layer):
    """Lay r² channels out as one of r times as many rows and columns: the end of a sub-pixel convolution.

    Shapes    x, dx  (*, C r², H, W)
              y, dy  (*, C, H r, W r),  r = upscale_factor
    Forward   y[c, h r + i, w r + j] = x[c r² + i r + j, h, w],  i, j < r
    Backward  dx[c r² + i r + j, h, w] = dy[c, h r + i, w r + j]
    Source    Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel
              convolutional neural network", eq. 4; torch.nn.PixelShuffle.
    Raises    TypeError if upscale_factor is no int or x is not floating; ValueError if it is below 1, x has fewer than
              three axes or its channels do not divide by r².
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.factor = arguments.whole(self.label(), "upscale_factor", upscale_factor, 1)

    def options(self) -> dict[str, object]:
        return {"upscale_factor": self.factor}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)
        if x.dim() < 3 or x.shape[-3] % self.factor**2:
            raise ValueError(
                f"{self.label()}: x must be (*, C, H, W) with C divisible by {self.factor**2}, upscale_factor squared, "
                f"had shape {tuple(x.shape)}"
            )

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.factor)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.factor),)
