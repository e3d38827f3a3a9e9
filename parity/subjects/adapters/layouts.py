"""Layouts: the order in which a library keeps the axes of a tensor, where it is not torch's."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Layout:
    """Two views of a tensor: as the library wants it, and back as torch has it. Both must be views, never copies."""

    into: Change
    back: Change

    def __mul__(self, times: int) -> "Layout":
        """Return the layout applied several times: ROW * 3 makes of (O,) a bias of (1, 1, 1, O)."""
        return Layout(lambda value: repeated(self.into, value, times), lambda value: repeated(self.back, value, times))


def repeated(change: Change, value: Tensor, times: int) -> Tensor:
    for _ in range(times):
        value = change(value)
    return value


def permuted(*axes: int) -> Layout:
    """Return the layout that reorders tensors with as many axes as given, and leaves others alone."""
    inverse = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    return Layout(
        lambda value: value.permute(axes) if value.dim() == len(axes) else value,
        lambda value: value.permute(inverse) if value.dim() == len(axes) else value,
    )


def squeezed(value: Tensor, axis: int) -> Tensor:
    """Return a tensor without an axis of extent 1; its last axis stays, as that of one output whose db is (1,)."""
    return value.squeeze(axis) if value.dim() > 1 else value


SAME = Layout(lambda value: value, lambda value: value)
TRANSPOSED = permuted(1, 0)  # a Linear weight as (in, out); also samples as columns
NHWC = permuted(0, 2, 3, 1)  # images, from (N, C, H, W)
HWIO = permuted(2, 3, 1, 0)  # convolution kernels, from (O, I, H, W)
ROW = Layout(lambda value: value.unsqueeze(0), lambda value: squeezed(value, 0))  # a bias as (1, O)
COLUMN = Layout(lambda value: value.unsqueeze(-1), lambda value: squeezed(value, -1))  # a bias as (O, 1)
