"""Resizing of images by straight lines between pixels."""

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.images.resizing import Line, Resizing, across, along, blocks, line
from framework.layers.convolutional import Extent
from framework.module import Layer, Saved
from framework.precision import wide


def forward(x: Tensor, rows: Line, columns: Line) -> tuple[Tensor, Saved]:
    y = x.new_empty(*x.shape[:2], len(rows.first), len(columns.first))
    for some, into in blocks(x, y):
        into.copy_(along(along(wide(some), -1, columns), -2, rows))
    return y, (*rows, *columns)


def backward(dy: Tensor, saved: Saved, size: Pair) -> Tensor:
    rows, columns = Line(*saved[:3]), Line(*saved[3:])
    dx = dy.new_empty(*dy.shape[:2], *size)
    for some, into in blocks(dy, dx):
        into.copy_(across(across(wide(some), -2, rows, size[0]), -1, columns, size[1]))
    return dx


class BilinearUpsampling(Layer):
    """Resize images: every pixel of the output lies on straight lines between four of the input.

    Shapes    x, dx  (N, C, H, W)
              y, dy  (N, C, P, Q),  (P, Q) = size, or P = floor(H scale_factor), Q = floor(W scale_factor)
    Forward   y[p, q] = (1 - a) (1 - b) x[h, w] + (1 - a) b x[h, w + 1] + a (1 - b) x[h + 1, w] + a b x[h + 1, w + 1],
              h + a = max(0, (p + 1/2) / scale - 1/2), scale = scale_factor, or P / H of a size; with align_corners
              h + a = p (H - 1) / (P - 1); h whole, 0 <= a < 1; w + b alike; beyond the last row stands the last
    Backward  dx[h, w] = Σ dy times the share that the pixel has in it
    Source    torch.nn.Upsample with mode bilinear; the half pixel: Odena, Dumoulin & Olah 2016, Distill.
    Raises    ValueError unless just one of scale_factor and size is given, if it is too small for an output, or if x is
              not (N, C, H, W) or has no pixels; TypeError if x is not floating or align_corners no bool.
    """

    def __init__(
        self,
        scale_factor: float | tuple[float, float] | None = None,
        size: Extent | None = None,
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.resizing = Resizing.fractional(layer, scale_factor, size)
        self.align_corners = arguments.switch(layer, "align_corners", align_corners)
        self.recomputed = arguments.switch(layer, "recompute_scale_factor", recompute_scale_factor)
        if self.recomputed and size is not None:
            raise ValueError(f"{layer}: recompute_scale_factor must not be True for a size, was given size {size}")
        self._size = 0, 0

    def options(self) -> dict[str, object]:
        own = {"align_corners": self.align_corners, "recompute_scale_factor": self.recomputed}
        return self.resizing.options() | own

    def validate(self, x: Tensor) -> None:
        shape = arguments.image(self.label(), x, None).shape
        if min(shape[1:]) < 1 or min(self.resizing.out((shape[2], shape[3]))) < 1:
            raise ValueError(
                f"{self.label()}: x must have channels and pixels, enough of them for an output, "
                f"had shape {tuple(shape)}"
            )

    def step(self, axis: int, extent: int, out: int) -> float:
        """Return how far apart in x neighbours of the output lie."""
        if self.align_corners:
            return (extent - 1) / (out - 1) if out > 1 else 0.0
        scale = self.resizing.scale_factor
        return extent / out if scale is None or self.recomputed else 1 / scale[axis]

    def lines(self, x: Tensor) -> tuple[Line, Line]:
        """Return between which rows of x those of the output lie, and between which columns."""
        size = x.shape[2], x.shape[3]
        ends = zip(size, self.resizing.out(size), strict=True)
        kind = self.align_corners, torch.promote_types(x.dtype, torch.float32), x.device
        rows, columns = (line(n, m, self.step(axis, n, m), *kind) for axis, (n, m) in enumerate(ends))
        return rows, columns

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_size=(x.shape[2], x.shape[3]))
        return forward(x, *self.lines(x))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self._size),)
