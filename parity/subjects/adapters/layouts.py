"""Layouts: the order in which a library keeps the axes of a tensor, where it is not torch's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Layout:
    """A tensor as the library wants it, and back as torch has it.

    For x and y both must be views, never copies, so that what the library writes into them is seen.
    """

    into: Change
    back: Change

    def __mul__(self, times: int) -> "Layout":
        """Return the layout applied several times: ROW * 3 makes of (O,) a bias of (1, 1, 1, O)."""
        return Layout(lambda value: repeated(self.into, value, times), lambda value: repeated(self.back, value, times))

    def then(self, other: "Layout") -> "Layout":
        """Return this layout and then another: FLIPPED.then(HWIO) for kernels (H, W, I, O) that are turned."""
        return Layout(lambda value: other.into(self.into(value)), lambda value: self.back(other.back(value)))


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


def turned(value: Tensor) -> Tensor:
    """Return a kernel with its last two axes reversed; whatever else has fewer than three axes as it is."""
    return value.flip(-2, -1) if value.dim() > 2 else value


def flat(value: Tensor) -> Tensor:
    """Return a tensor that has extent in one axis at most as a vector; any other as it is."""
    return value.reshape(-1) if value.dim() > 1 and value.numel() == max(value.shape) else value


def vector(shape: Sequence[int]) -> Layout:
    """Return the layout of a vector that the library keeps in this shape, of extents 1 but for one axis."""
    return Layout(lambda value: value.reshape(tuple(shape)), flat)


SAME = Layout(lambda value: value, lambda value: value)
TRANSPOSED = permuted(1, 0)  # a Linear weight as (in, out); also samples as columns
NHWC = permuted(0, 2, 3, 1)  # images, from (N, C, H, W)
HWIO = permuted(2, 3, 1, 0)  # convolution kernels, from (O, I, H, W)
OHWI = permuted(0, 2, 3, 1)  # the same, with the outputs first
IOHW = permuted(1, 0, 2, 3)  # the same, with inputs and outputs exchanged
HWOI = permuted(2, 3, 0, 1)  # the same, with the outputs before the inputs
FLIPPED = Layout(turned, turned)  # kernels turned by 180 degrees, as a convolution in the strict sense has them
ROW = Layout(lambda value: value.unsqueeze(0), lambda value: squeezed(value, 0))  # a bias as (1, O)
COLUMN = Layout(lambda value: value.unsqueeze(-1), lambda value: squeezed(value, -1))  # a bias as (O, 1)

READY = {"TRANSPOSED": TRANSPOSED, "HWIO": HWIO, "OHWI": OHWI, "IOHW": IOHW, "HWOI": HWOI}


def fitting(given: Tensor, shape: Sequence[int]) -> str:
    """Return the name of the ready layout by which a parameter has this shape; empty where none does, or several."""
    names = [name for name, layout in READY.items() if tuple(layout.into(given).shape) == tuple(shape)]
    return names[0] if len(names) == 1 else ""


def last_of(name: str) -> str:
    """Return a parameter's name within its layer."""
    return name.rpartition(".")[2]


def order_of(wanted: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """Return the names within a layer in the library's order, as their shapes tell it."""
    order: dict[str, None] = {}
    for shape in held.values():
        fits = [last_of(key) for key, of_key in wanted.items() if of_key == shape and last_of(key) not in order]
        order |= dict.fromkeys(fits[:1])
    return list(order)


def like(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors hold the same values, nan where nan is."""
    return a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())
