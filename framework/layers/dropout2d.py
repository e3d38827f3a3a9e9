"""Dropout of whole channels."""

from torch import Tensor

from framework import arguments
from framework.layers.dropping import Dropping


class Dropout2d(Dropping):
    """Drop each channel of each image with probability p while training, as Dropout does an element.

    Shapes    x, dx, y, dy  (N, C, H, W);  m (N, C, 1, 1)
    Forward   y  = m x;  m = 0 with probability p, else 1 / (1 - p), drawn anew for every channel of every sample
              of every call by torch's global generator. In evaluation, and for p = 0, y = x, the same tensor
    Backward  dx = m dy, with the m of the last forward
    Source    Tompson, Goroshin, Jain, LeCun & Bregler 2015, "Efficient object localization using convolutional
              networks", §3.2; torch.nn.Dropout2d.
    Raises    TypeError if x is not a floating-point tensor; ValueError if it has not 4 axes, if p is not in 0 ... 1, or
              for inplace.
    """

    def validate(self, x: Tensor) -> None:
        arguments.image(self.label(), x, None)

    def drawn(self, x: Tensor) -> tuple[int, ...]:
        return (*x.shape[:2], 1, 1)
