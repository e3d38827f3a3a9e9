"""The size of a resized image: asked for itself, or as a multiple of the size before."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Self

from framework import arguments
from framework.arguments import Pair


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
