"""An axis of an image dealt out in shares as equal as can be, and the sum or the maximum of each.

Share o of O covers the pixels from floor(o H / O) up to, not including, ceil((o + 1) H / O): shares overlap where O
does not divide H. Pixel h lies in share o if and only if o H / O < h + 1 and h < (o + 1) H / O, that is, if
h O / H < o + 1 and o < (h + 1) O / H: if share h of H covers o. So what spreads over pixels is a sum of shares again.

Source    torch.nn.AdaptiveAvgPool2d; the bins of He, Zhang, Ren & Sun 2014, arXiv:1406.4729.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from framework.images.windows import Sliding, along


@dataclass(frozen=True)
class Shares:
    """`size` pixels in `outputs` shares."""

    size: int
    outputs: int

    @property
    def whole(self) -> bool:
        """Whether there is one share, of all pixels."""
        return self.outputs == 1

    @property
    def sliding(self) -> Sliding | None:
        """The same as windows that slide; None where they overlap."""
        if self.size % self.outputs:
            return None
        return Sliding(self.size, self.size // self.outputs, self.size // self.outputs)

    def bounds(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return where each share begins, and where it ends."""
        cuts = torch.arange(0, self.size * self.outputs + 1, self.size, device=device)
        return cuts[:-1] // self.outputs, (cuts[1:] + self.outputs - 1) // self.outputs

    def lengths(self, device: torch.device) -> Tensor | int:
        """Return how many pixels each share has."""
        if self.size % self.outputs == 0:
            return self.size // self.outputs
        starts, ends = self.bounds(device)
        return ends - starts

    def dealt(self, x: Tensor, axis: int) -> tuple[Tensor, Tensor | None]:
        """Return the pixels of every share, (*, O, most, *), the shorter filled up with their last; and what fills."""
        at, most = x.dim() + axis, -(-self.size // self.outputs) + 1
        if self.size % self.outputs == 0:
            return x.reshape(*x.shape[:at], self.outputs, most - 1, *x.shape[at + 1 :]), None
        if self.outputs % self.size == 0:
            return x.repeat_interleave(self.outputs // self.size, at).unsqueeze(at + 1), None
        starts, ends = self.bounds(x.device)
        pixels, last = starts[:, None] + torch.arange(most, device=x.device), ends[:, None] - 1  # (O, most)
        chosen = x.index_select(at, torch.minimum(pixels, last).flatten())
        return chosen.view(*x.shape[:at], self.outputs, most, *x.shape[at + 1 :]), along(pixels > last, axis)

    def sums(self, x: Tensor, axis: int) -> Tensor:
        """Return the sum of each share."""
        pixels, filling = self.dealt(x, axis)
        return (pixels if filling is None else pixels.masked_fill(filling, 0)).sum(axis)

    def spread(self, dy: Tensor, axis: int) -> Tensor:
        """Add what belongs to each share to every one of its pixels, the adjoint of `sums`."""
        return Shares(self.outputs, self.size).sums(dy, axis)

    def highest(self, x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """Return the maximum of each share, and which of its pixels that is: of equals the first, of nan the last."""
        pixels, filling = self.dealt(x, axis)
        best, taps = pixels.max(axis)
        if best.isnan().any():
            nan = pixels.isnan() if filling is None else pixels.isnan().logical_and_(~filling)
            most = nan.shape[axis] - 1
            taps = torch.where(best.isnan(), most - nan.flip(axis).byte().argmax(axis), taps)
        return best, taps

    def places(self, taps: Tensor, axis: int) -> Tensor:
        """Return the pixels that `highest` told."""
        return along(self.bounds(taps.device)[0], axis) + taps
