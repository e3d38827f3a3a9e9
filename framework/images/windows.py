"""Windows that slide along one axis of an image: where they stand, and the sum or the maximum of what each sees.

Source    Dumoulin & Visin 2016, arXiv:1603.07285, relation 6 and §3; ceil_mode and padding as torch.nn.MaxPool2d.
"""

from dataclasses import dataclass, field
from functools import reduce
from math import inf

import torch
from torch import Tensor


def part(x: Tensor, axis: int, positions: slice) -> Tensor:
    """Return a view of some positions along an axis, counted from the last (-1)."""
    index = [slice(None)] * x.dim()
    index[axis] = positions
    return x[tuple(index)]


def along(values: Tensor, axis: int) -> Tensor:
    """Return a view for broadcasting, in which the last axis of `values` is this one, counted from the last (-1)."""
    return values.view(*values.shape, *[1] * (-1 - axis))


def resized(x: Tensor, axis: int, length: int) -> torch.Size:
    """Return the shape of x with another length along an axis, counted from the last (-1)."""
    at = x.dim() + axis
    return torch.Size((*x.shape[:at], length, *x.shape[at + 1 :]))


@dataclass(frozen=True)
class Sliding:
    """How a window of `kernel` taps slides along `size` pixels, with `padding` on both sides.

    ceil_mode  whether a last window, which begins within the pixels, may reach beyond the padding
    outputs    how many windows there are; below 1 where none fits
    """

    size: int
    kernel: int
    stride: int
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False
    outputs: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        count = (self.room + (self.stride - 1 if self.ceil_mode else 0)) // self.stride + 1
        beyond = self.ceil_mode and (count - 1) * self.stride >= self.size + self.padding
        object.__setattr__(self, "outputs", count - beyond)

    @property
    def extent(self) -> int:
        """Pixels from the first tap to the last, both included: D (K - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def room(self) -> int:
        """Steps of one pixel that the window can make within the padding."""
        return self.size + 2 * self.padding - self.extent

    @property
    def sliding(self) -> "Sliding":
        """These windows, for those that ask any."""
        return self

    @property
    def whole(self) -> bool:
        """Whether there is one window, of all pixels."""
        return self.kernel == self.size and self.dilation == 1 and not self.padding

    @property
    def within(self) -> bool:
        """Whether every tap of every window sees a pixel."""
        return not self.padding and (self.outputs - 1) * self.stride <= self.room

    @property
    def tiles(self) -> bool:
        """Whether every pixel is seen by just one window."""
        return self.within and self.dilation == 1 and self.kernel == self.stride and not self.size % self.stride

    @property
    def blind(self) -> bool:
        """Whether some window steps over all pixels, from the padding on one side into that on the other."""
        starts = range(-self.padding, min(0, self.outputs * self.stride - self.padding), self.stride)
        return any(start % self.dilation >= self.size for start in starts)

    def reach(self, tap: int) -> tuple[slice, slice]:
        """Return which windows see a pixel, not padding, through a tap, and the pixels that they see."""
        offset = tap * self.dilation - self.padding
        first = max(0, -(offset // self.stride))
        count = max(0, min(self.outputs, -((offset - self.size) // self.stride)) - first)
        start = first * self.stride + offset
        return slice(first, first + count), slice(start, start + count * self.stride, self.stride)

    def starts(self, device: torch.device) -> Tensor:
        """Return where each window begins; below 0 in the padding."""
        return torch.arange(-self.padding, self.outputs * self.stride - self.padding, self.stride, device=device)

    def lengths(self, padded: bool, device: torch.device) -> Tensor | int:
        """Return how many pixels each window sees, with its positions of padding if `padded`; dilation is 1."""
        if (self.outputs - 1) * self.stride <= self.room and (padded or not self.padding):
            return self.kernel
        starts = self.starts(device)
        ends = (starts + self.kernel).clamp_(max=self.size + self.padding if padded else self.size)
        return ends - (starts if padded else starts.clamp(min=0))

    def sums(self, x: Tensor, axis: int) -> Tensor:
        """Return the sum of what each window sees."""
        if self.within:
            seen = [part(x, axis, self.reach(tap)[1]) for tap in range(self.kernel)]
            return reduce(torch.Tensor.add_, seen[2:], seen[0] + seen[1]) if self.kernel > 1 else seen[0].clone()
        total = x.new_zeros(resized(x, axis, self.outputs))
        for tap in range(self.kernel):
            windows, pixels = self.reach(tap)
            part(total, axis, windows).add_(part(x, axis, pixels))
        return total

    def spread(self, dy: Tensor, axis: int) -> Tensor:
        """Add what belongs to each window to every pixel that it sees, the adjoint of `sums`."""
        made = dy.new_empty if self.tiles else dy.new_zeros
        total = made(resized(dy, axis, self.size))
        for tap in range(self.kernel):
            windows, pixels = self.reach(tap)
            if self.tiles:
                part(total, axis, pixels).copy_(dy)
            else:
                part(total, axis, pixels).add_(part(dy, axis, windows))
        return total

    def highest(self, x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """Return the maximum of each window, and which tap sees it: of equals the first, of several nan the last."""
        best, taps = x.new_full(resized(x, axis, self.outputs), -inf), self.first(x, axis)
        for tap in range(self.kernel):
            windows, pixels = self.reach(tap)
            seen, most, by = part(x, axis, pixels), part(best, axis, windows), part(taps, axis, windows)
            if tap == 0:
                most.copy_(seen)
                continue
            higher = seen.gt(most).to(taps.dtype)
            torch.maximum(by, higher.mul_(tap), out=by)
            torch.maximum(most, seen, out=most)
        if best.isnan().any():
            for tap in range(self.kernel):
                windows, pixels = self.reach(tap)
                part(taps, axis, windows).masked_fill_(part(x, axis, pixels).isnan(), tap)
        return best, taps

    def first(self, x: Tensor, axis: int) -> Tensor:
        """Return the first tap of each window that sees a pixel: the one to take where none is above -inf."""
        shape, kind = resized(x, axis, self.outputs), torch.uint8 if self.kernel <= 256 else torch.int64
        if not self.padding:
            return x.new_zeros(shape, dtype=kind)
        before = self.starts(x.device).neg_().clamp_(min=0)
        taps = (before + self.dilation - 1) // self.dilation
        return along(taps.to(kind), axis).expand(shape).contiguous()

    def places(self, taps: Tensor, axis: int) -> Tensor:
        """Return the pixels that the windows see through the taps of `highest`."""
        return torch.add(along(self.starts(taps.device), axis), taps, alpha=self.dilation)
