"""The size of a resized image, and the straight lines between its pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import NamedTuple, Self

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import Pair
from framework.sums import add_slices

CACHED = 1 << 18  # pixels, before and after


@dataclass(frozen=True)
class Resizing:
    """Just one of scale_factor and size, in rows and columns; the other is None."""

    scale_factor: tuple[float, float] | None
    size: Pair | None

    @classmethod
    def whole(cls, layer: str, scale_factor: object, size: object) -> Self:
        """Return that of a layer whose scale_factor is whole; raise TypeError or ValueError for what is none."""
        scale = None if scale_factor is None else arguments.pair(layer, "scale_factor", scale_factor, 1)
        return cls(scale, None if size is None else arguments.pair(layer, "size", size, 1)).checked(layer)

    @classmethod
    def fractional(cls, layer: str, scale_factor: object, size: object) -> Self:
        """Return that of a layer whose scale_factor is any number above zero; raise the same errors."""
        scale = None
        if scale_factor is not None:
            both = scale_factor if isinstance(scale_factor, Sequence) else (scale_factor, scale_factor)
            if isinstance(both, str) or len(both) != 2:
                raise ValueError(f"{layer}: scale_factor must be a number or a pair of numbers, was {scale_factor!r}")
            scale = arguments.number(layer, "scale_factor", both[0]), arguments.number(layer, "scale_factor", both[1])
            if min(scale) <= 0:
                raise ValueError(f"{layer}: scale_factor must be above 0, was {scale_factor!r}")
        return cls(scale, None if size is None else arguments.pair(layer, "size", size, 1)).checked(layer)

    def checked(self, layer: str) -> Self:
        """Return this; raise ValueError unless just one of the two is given."""
        if (self.scale_factor is None) == (self.size is None):
            given = "neither" if self.size is None else "both"
            raise ValueError(f"{layer}: scale_factor or size must be given, and not both, was given {given}")
        return self

    def options(self) -> dict[str, object]:
        """Return what tells this from another, for a repr."""
        return {"size": self.size} if self.scale_factor is None else {"scale_factor": self.scale_factor}

    def out(self, size: Pair) -> Pair:
        """Return the size that an image of `size` gets."""
        if self.scale_factor is None:
            assert self.size is not None
            return self.size
        return floor(size[0] * self.scale_factor[0]), floor(size[1] * self.scale_factor[1])


class Line(NamedTuple):
    """Of every place on an axis of the output, the two pixels that it lies between, and the share of the second."""

    first: Tensor
    second: Tensor
    share: Tensor


@lru_cache(maxsize=64)  # it takes longer than the resizing of a small image, and hangs on no value
def line(extent: int, out: int, step: float, align_corners: bool, dtype: torch.dtype, device: torch.device) -> Line:
    """Return the line of one axis; in float64, for the shares of a long axis are differences of large numbers."""
    place = torch.arange(out, dtype=torch.float64, device=device)
    place = place.mul_(step) if align_corners else place.add_(0.5).mul_(step).sub_(0.5).clamp_(min=0)
    first = place.long().clamp_(max=extent - 1)
    return Line(first, (first + 1).clamp_(max=extent - 1), place.sub_(first).clamp_(max=1).to(dtype))


def blocks(x: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield images and what they become, (N, C, *) both, as many planes (some, *) at a time as a cache holds."""
    planes = x.shape[0] * x.shape[1]
    most = max(1, CACHED * planes // max(1, x.numel() + y.numel()))
    x, y = x.reshape(planes, *x.shape[2:]), y.view(planes, *y.shape[2:])
    return zip(torch.split(x, most), torch.split(y, most), strict=True)


def along(x: Tensor, axis: int, to: Line) -> Tensor:
    """Return x with one of its last two axes resized."""
    share = to.share if axis == -1 else to.share[:, None]
    y = x.index_select(axis, to.first).mul_(1 - share)
    return y.addcmul_(x.index_select(axis, to.second), share)


def across(dy: Tensor, axis: int, to: Line, extent: int) -> Tensor:
    """Return the adjoint: every element of dy added, by its shares, to the two pixels that it lies between."""
    share, shape = to.share if axis == -1 else to.share[:, None], list(dy.shape)
    shape[axis] = extent
    dx = add_slices(dy.new_zeros(shape), axis, to.first, dy * (1 - share))
    return add_slices(dx, axis, to.second, dy * share)
