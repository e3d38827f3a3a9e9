"""Images continued by their border."""

from framework.images.padding import REPLICATE
from framework.layers.padding2d import Padding2d


class ReplicationPad2d(Padding2d):
    """Lay the outermost pixels of an image around it, as often as asked for.

    Shapes    x, dx  (N, C, H, W), or (C, H, W)
              y, dy  (N, C, H + top + bottom, W + left + right), or without N; padding is (left, right, top, bottom)
    Forward   y[p, q] = x[h, w],  h = min(max(p - top, 0), H - 1), w alike
    Backward  dx[h, w] = Σ dy over every place that shows the pixel
    Source    torch.nn.ReplicationPad2d.
    Raises    ValueError if a width is below 0, or x is not of these shapes or empty; TypeError if a width is no int or
              x is not floating.
    """

    mode = REPLICATE
