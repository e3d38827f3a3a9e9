"""Power means of windows, without their division."""

from collections.abc import Sequence
from math import prod

from torch import Tensor

from framework import arguments
from framework.images.pooling import AxisWindows, products, spread, sums
from framework.layers.pooling import Extent, SlidingPooling
from framework.module import Saved
from framework.precision import wide


def forward(x: Tensor, windows: Sequence[AxisWindows], share: Tensor | float, p: float) -> tuple[Tensor, Saved]:
    s = sums(wide(x).pow(p), windows).div_(share)
    return s.pow(1 / p).to(x.dtype), (x, s)


def backward(dy: Tensor, saved: Saved, windows: Sequence[AxisWindows], share: Tensor | float, p: float) -> Tensor:
    x, s = saved
    ds = s.pow(1 / p - 1).mul_(dy).div_(share).mul_(s.sign().abs_()).masked_fill_(s == 0, 0)  # the sign of nan is 0
    return spread(ds, windows).mul_(wide(x).pow(p - 1)).to(x.dtype)


class LPPool2d(SlidingPooling):
    """Take the p-th root of the sum of p-th powers that each window of an image sees, p = norm_type.

    Shapes    x, dx  (N, C, H, W) or (C, H, W)
              y, dy  (N, C, P, Q) or (C, P, Q),  P = floor((H - Kh) / stride) + 1, Q alike;
              with ceil_mode ceil in place of floor, but no window that begins behind the image
    Forward   y  = s^(1/p),  s = Σ x^p over what the window sees; one that reaches beyond the image is weighed up by
              its pixels in all over those within
    Backward  dx = x^(p - 1) Σ s^(1/p - 1) dy over the windows that see the pixel, each weighed as in forward;
              where s is 0 there is no derivative, and the window gives nothing
    Source    Gulcehre, Cho, Pascanu & Bengio 2014, arXiv:1311.1780; torch.nn.LPPool2d.
    Raises    ValueError if norm_type is 0 or not finite, an option is out of range, or x is no image or smaller than
              the kernel; TypeError if an option or x is of another type.
    """

    def __init__(
        self, norm_type: float, kernel_size: Extent, stride: Extent | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__(kernel_size, stride, 0, 1, ceil_mode)
        self.norm_type = arguments.number(self.label(), "norm_type", norm_type)
        if not self.norm_type:
            raise ValueError(f"{self.label()}: norm_type must be other than 0, was {norm_type}")

    def options(self) -> dict[str, object]:
        return {
            "norm_type": self.norm_type,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "ceil_mode": self.ceil_mode,
        }

    def share(self, x: Tensor) -> Tensor | float:
        """Return which share of each window lies within x, or the x that dy belongs to."""
        within = products([window.lengths(True, x.device) for window in self.windows(self._shape)])
        return (within.to(wide(x).dtype) if isinstance(within, Tensor) else within) / prod(self.kernel_size)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.windows(x.shape), self.share(x), self.norm_type)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self.windows(self._shape), self.share(dy), self.norm_type),)
