"""Images reflected at their border."""

from framework.images.padding import REFLECT
from framework.layers.padding2d import Padding2d


class ReflectionPad2d(Padding2d):
    """Lay around an image what a mirror on its outermost pixels shows.

    Shapes    x, dx  (N, C, H, W), or (C, H, W)
              y, dy  (N, C, H + top + bottom, W + left + right), or without N; padding is (left, right, top, bottom)
    Forward   y[p, q] = x[h, w],  h = |p - top|, beyond the last row 2 (H - 1) less that; w alike
    Backward  dx[h, w] = Σ dy over every place that shows the pixel
    Source    torch.nn.ReflectionPad2d; the symmetry about a whole sample of Strang 1999, "The discrete cosine
              transform".
    Raises    ValueError if a width is below 0 or not below the extent that it reflects, or x is not of these shapes or
              empty; TypeError if a width is no int or x is not floating.
    """

    mode = REFLECT
