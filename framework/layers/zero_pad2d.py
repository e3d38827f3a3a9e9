"""Images among zeros."""

from math import inf

from torch import Tensor

from framework import arguments
from framework.images.padding import Border
from framework.layers.padding2d import Padding2d


class ZeroPad2d(Padding2d):
    """Lay zeros around an image; a width below zero cuts rows or columns off.

    Shapes    x, dx  (N, C, H, W), or (C, H, W), or any with at least two axes
              y, dy  (*, H + top + bottom, W + left + right); padding is (left, right, top, bottom)
    Forward   y[p, q] = x[p - top, q - left] inside the image, else 0
    Backward  dx[h, w] = dy[h + top, w + left] inside the output, else 0
    Source    torch.nn.ZeroPad2d.
    Raises    ValueError if x has fewer than two axes, or fewer pixels than padding cuts off; TypeError if a width is no
              int or x is not floating.
    """

    least = -inf

    def validate(self, x: Tensor) -> None:
        layer, size = self.label(), tuple(arguments.floating(self.label(), "x", x).shape[-2:])
        before, after = (tuple(min(0, width) for width in side) for side in (self.border.before, self.border.after))
        if len(size) < 2 or min(Border(before, after).around(size)) < 0:
            raise ValueError(
                f"{layer}: x must have two axes, no shorter than what padding {self.padding} cuts off, "
                f"had shape {tuple(x.shape)}"
            )
