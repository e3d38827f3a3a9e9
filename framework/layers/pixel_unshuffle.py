"""Pixels laid out as channels."""

from torch import Tensor

from framework import arguments
from framework.layers import pixel_shuffle
from framework.module import Layer, Saved


def forward(x: Tensor, factor: int) -> tuple[Tensor, Saved]:
    return pixel_shuffle.backward(x, factor), ()


def backward(dy: Tensor, factor: int) -> Tensor:
    dx, _ = pixel_shuffle.forward(dy, factor)
    return dx


class PixelUnshuffle(Layer):
    """Lay blocks of r rows and columns out as r² channels: what PixelShuffle undoes.

    A permutation's adjoint is its inverse, so this layer's forward is the backward of PixelShuffle, and the reverse.

    Shapes    x, dx  (*, C, H r, W r)
              y, dy  (*, C r², H, W),  r = downscale_factor
    Forward   y[c r² + i r + j, h, w] = x[c, h r + i, w r + j],  i, j < r
    Backward  dx[c, h r + i, w r + j] = dy[c r² + i r + j, h, w]
    Source    Shi et al. 2016, as PixelShuffle; torch.nn.PixelUnshuffle.
    Raises    TypeError if downscale_factor is no int or x is not floating; ValueError if it is below 1, x has fewer
              than three axes or its rows or columns do not divide by r.
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.factor = arguments.whole(self.label(), "downscale_factor", downscale_factor, 1)

    def options(self) -> dict[str, object]:
        return {"downscale_factor": self.factor}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)
        if x.dim() < 3 or x.shape[-2] % self.factor or x.shape[-1] % self.factor:
            raise ValueError(
                f"{self.label()}: x must be (*, C, H, W) with H and W divisible by downscale_factor {self.factor}, "
                f"had shape {tuple(x.shape)}"
            )

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.factor)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.factor),)
