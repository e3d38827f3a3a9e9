"""Borders around images, made of zeros or of pixels of the image, and the adjoint, which adds them back.

A border is laid an axis at a time, so that its corners show what the border of the axis before shows.

Source    torch.nn.functional.pad, modes constant, reflect, replicate and circular.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from framework.arguments import Extents
from framework.precision import wide

Index = tuple[Any, ...]  # ... and a slice an axis

ZEROS, REFLECT, REPLICATE, CIRCULAR = MODES = ("zeros", "reflect", "replicate", "circular")


@dataclass(frozen=True)
class Border:
    """How many pixels lie before and after the image on each of its last axes, and what they show.

    mode  zeros; reflect: the image in a mirror on the outermost pixel; replicate: the outermost pixel; circular: the
          image from its other end
    laid  whether there is any border
    """

    before: Extents
    after: Extents
    mode: str = ZEROS
    laid: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "laid", any(self.before) or any(self.after))

    @property
    def cuts(self) -> bool:
        """Whether a width is below zero: pixels are lost."""
        return min(*self.before, *self.after) < 0

    def around(self, size: Extents) -> Extents:
        """Return the size of the image with its border."""
        return tuple(map(sum, zip(size, self.before, self.after, strict=True)))

    def check(self, layer: str, size: Extents) -> None:
        """Raise ValueError unless an image of this size holds all that the border shows."""
        if self.mode == ZEROS and min(size) > 0:
            return
        more = {REFLECT: 1, CIRCULAR: 0}.get(self.mode)
        least = tuple(1 if more is None else max(1, n + more) for n in map(max, self.before, self.after))
        if any(n < needed for n, needed in zip(size, least, strict=True)):
            raise ValueError(
                f"{layer}: x must be at least {least} for padding {self.before} and {self.after} of mode {self.mode}, "
                f"was {size}"
            )

    def strips(self, axis: int, size: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield both sides of an axis, each as the (start, length) of the strip and of what it shows within the frame.

        A strip that reflects shows it backwards; one that replicates shows one pixel all over.
        """
        before, after, end = self.before[axis], self.after[axis], self.before[axis] + size
        starts = {
            REFLECT: ((before + 1, before), (end - 1 - after, after)),
            REPLICATE: ((before, 1), (end - 1, 1)),
            CIRCULAR: ((size, before), (before, after)),
        }[self.mode]
        if before:
            yield (0, before), starts[0]
        if after:
            yield (end, after), starts[1]


def overlap(border: Border, size: Extents) -> tuple[Index, Index]:
    """Return where in an image lies what its frame holds, and where that lies in the frame. One below zero cuts."""
    of_image: list[slice] = []
    of_frame: list[slice] = []
    for before, after, extent in zip(border.before, border.after, size, strict=True):
        start, stop = max(0, -before), extent - max(0, -after)
        of_image.append(slice(start, stop))
        of_frame.append(slice(start + before, stop + before))
    return (..., *of_image), (..., *of_frame)


def bordered(x: Tensor, border: Border) -> Tensor:
    """Return a copy of x (*, *size) with the border around it."""
    axes = len(border.before)
    lead, size = x.shape[:-axes], x.shape[-axes:]
    made = x.new_zeros if border.mode == ZEROS else x.new_empty
    y = made(*lead, *border.around(size))
    of_image, of_frame = overlap(border, size)
    y[of_frame] = x[of_image]
    for axis in range(axes) if border.mode != ZEROS else ():
        for strip, shown in border.strips(axis, size[axis]):
            pixels = y.narrow(axis - axes, *shown)
            y.narrow(axis - axes, *strip).copy_(pixels.flip(axis - axes) if border.mode == REFLECT else pixels)
    return y


def gathered(dy: Tensor, border: Border, size: Extents) -> Tensor:
    """Return the image (*, *size) with every pixel of the border added to that which it shows, the adjoint of
    `bordered`."""
    if border.mode != ZEROS:
        total = wide(dy)
        return gather(total.clone() if total is dy else total, border, size).contiguous().to(dy.dtype)
    of_image, of_frame = overlap(border, size)
    made = dy.new_zeros if border.cuts else dy.new_empty
    dx = made(*dy.shape[: -len(size)], *size)
    dx[of_image] = dy[of_frame]
    return dx


def gather(total: Tensor, border: Border, size: Extents) -> Tensor:
    """Return the same of a tensor that may be written over, as a view of it; 16 bits are too few for the sums."""
    if not border.laid:
        return total
    axes = len(size)
    for axis in reversed(range(axes)) if border.mode != ZEROS else ():
        for strip, shown in border.strips(axis, size[axis]):
            pixels, given = total.narrow(axis - axes, *shown), total.narrow(axis - axes, *strip)
            if border.mode == REPLICATE:
                given = given.sum(axis - axes, keepdim=True)
            pixels.add_(given.flip(axis - axes) if border.mode == REFLECT else given)
    return total[overlap(border, size)[1]]
