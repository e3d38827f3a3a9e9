"""Means of windows of a sequence."""

from framework.layers.avg_pool import AvgPool
from framework.layers.pooling import Extent


class AvgPool1d(AvgPool):
    """Take the mean of what each window of a sequence sees.

    Shapes    x, dx  (N, C, L) or (C, L)
              y, dy  (N, C, P) or (C, P),  P = floor((L + 2 padding - K) / stride) + 1;
              with ceil_mode ceil in place of floor, but no window that begins behind the sequence
    Forward   y[n, c, p] = Σ over i of x[n, c, p stride + i - padding] / D;  outside the sequence x is 0
              D = how many numbers the window sees, padding counted unless count_include_pad is False
    Backward  dx = Σ dy / D over the windows that see the number
    Source    as AvgPool2d; torch.nn.AvgPool1d.
    Raises    ValueError if an option is out of range, padding is more than half of kernel_size, or x is no sequence or
              shorter than the kernel; TypeError if an option or x is of another type.
    """

    axes = 1

    def __init__(
        self,
        kernel_size: Extent,
        stride: Extent | None = None,
        padding: Extent = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)

    def options(self) -> dict[str, object]:
        return {name: value for name, value in super().options().items() if name != "divisor_override"}
