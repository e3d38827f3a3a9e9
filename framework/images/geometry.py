"""How a kernel meets an image of one axis or more: (*size) stands for (H, W), (*output) for (P, Q).

Source    Dumoulin & Visin 2016, arXiv:1603.07285, relations 6 and 14.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from torch import Tensor

from framework.arguments import Extents
from framework.images.padding import Border


@dataclass(frozen=True, eq=False)  # caches know it by its identity, for its hash would take longer than their saving
class Geometry:
    """How a kernel meets an image; a number an axis.

    extent  pixels that the dilated kernel covers: D (K - 1) + 1
    """

    kernel: Extents
    stride: Extents
    border: Border
    dilation: Extents
    groups: int = 1
    extent: Extents = field(init=False)

    def __post_init__(self) -> None:
        covered = tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))
        object.__setattr__(self, "extent", covered)

    def output(self, size: Extents) -> Extents:
        """Return (P, Q), floor((H + padding - extent) / S) + 1 each; below 1 where the kernel does not fit."""
        return output(self, size)


@lru_cache(maxsize=512)
def output(geometry: Geometry, size: Extents) -> Extents:
    around = geometry.border.around(size)
    return tuple((n - e) // s + 1 for n, e, s in zip(around, geometry.extent, geometry.stride, strict=True))


def size_of(x: Tensor) -> Extents:
    """Return (*size) of a tensor of shape (N, C, *size)."""
    return x.shape[2:]
