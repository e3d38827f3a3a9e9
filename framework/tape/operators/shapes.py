"""Maps that only move or copy elements. Each is linear, so its derivative is its adjoint: copies are summed.

Source    docs/derivations.md, The tape.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Size, Tensor

from framework import arguments
from framework.tape.operators.adjoint import Adjoint
from framework.tape.operators.broadcasting import summed_to
from framework.tape.operators.operator import Gradients, GradOperator


class Reshape(GradOperator):
    """y = x in another shape;  dx = dy in the shape of x."""

    __slots__ = ("shaped",)

    def forward(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        self.shaped = x.shape
        return x.reshape(tuple(shape))

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.reshape(self.shaped),)


class Permute(GradOperator):
    """y has the axes of x in another order;  dx has them put back."""

    __slots__ = ("dims",)

    def forward(self, x: Tensor, dims: Sequence[int]) -> Tensor:
        y = x.permute(tuple(dims))
        self.dims = [dim % x.dim() for dim in dims]
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.permute([self.dims.index(axis) for axis in range(len(self.dims))]),)


class Transpose(GradOperator):
    """y has two axes of x exchanged;  dx has them exchanged again."""

    __slots__ = ("dims",)

    def forward(self, x: Tensor, first: int, second: int) -> Tensor:
        self.dims = first, second
        return x.transpose(first, second)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.transpose(*self.dims),)


class Flip(GradOperator):
    """y has the elements along some axes in reverse;  dx has them reversed again."""

    __slots__ = ("dims",)

    def forward(self, x: Tensor, dims: Sequence[int]) -> Tensor:
        self.dims = tuple(dims)
        return x.flip(self.dims)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.flip(self.dims),)


class Expand(GradOperator):
    """y = x, repeated by broadcasting;  dx = Σ dy over the repetitions."""

    __slots__ = ("shaped",)

    def forward(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        self.shaped = x.shape
        return x.expand(tuple(shape))

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (summed_to(dy, self.shaped),)


class Repeat(GradOperator):
    """y = copies of x side by side, times[i] of them along axis i;  dx = Σ dy over the copies."""

    __slots__ = ("shaped", "times")

    def forward(self, x: Tensor, times: Sequence[int]) -> Tensor:
        self.shaped, self.times = x.shape, tuple(times)
        return x.repeat(self.times)

    def pass_grad(self, dy: Tensor) -> Gradients:
        lined = (1,) * (len(self.times) - len(self.shaped)) + tuple(self.shaped)
        blocks = dy.reshape([n for pair in zip(self.times, lined, strict=True) for n in pair])
        return (blocks.sum(tuple(range(0, 2 * len(lined), 2))).reshape(self.shaped) if lined else dy,)


class Cat(GradOperator):
    """y = several tensors one after another along an axis;  each gradient is its piece of dy."""

    __slots__ = ("dim", "extents")

    def forward(self, *pieces_and_dim: Tensor | int) -> Tensor:
        pieces = [piece for piece in pieces_and_dim[:-1] if isinstance(piece, Tensor)]
        self.dim = int(pieces_and_dim[-1])
        y = torch.cat(pieces, self.dim)
        self.extents = [piece.shape[self.dim] for piece in pieces]
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        ends = list(accumulate(self.extents))
        return tuple(
            dy.narrow(self.dim, end - extent, extent) if self.wants(i) else None
            for i, (extent, end) in enumerate(zip(self.extents, ends, strict=True))
        )


class Pad(GradOperator):
    """y = x in a frame of zeros, (before, after) of them on each of the last axes;  dx = dy without the frame."""

    __slots__ = ("inner",)

    def forward(self, x: Tensor, frame: Sequence[tuple[int, int]]) -> Tensor:
        frame = [(0, 0)] * (x.dim() - len(frame)) + list(frame)
        sides = list(zip(x.shape, frame, strict=True))
        self.inner = tuple(slice(before, before + extent) for extent, (before, _) in sides)
        y = x.new_zeros([before + extent + after for extent, (before, after) in sides])
        y[self.inner] = x
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy[self.inner],)


class Unfold(GradOperator):
    """y = the windows of `size` elements along an axis, one every `step`, on a new last axis (torch.Tensor.unfold).

    dx = Σ dy over the windows that hold the element; 16-bit formats are summed in float32.
    """

    __slots__ = ("dim", "shaped", "size", "step")

    def forward(self, x: Tensor, dim: int, size: int, step: int) -> Tensor:
        self.dim, self.size, self.step, self.shaped = dim % x.dim(), size, step, x.shape
        return x.unfold(dim, size, step)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (Overlap.of(dy, self.dim, self.size, self.step, self.shaped),)


class Overlap(Adjoint):
    """The adjoint of unfold: windows that overlap are added up where they lie."""

    __slots__ = ()

    @staticmethod
    def compute(dy: Tensor, *options: Any) -> Tensor:
        dim, size, step, shaped = options
        dx = dy.new_zeros(shaped, dtype=torch.promote_types(dy.dtype, torch.float32))
        reach = (dy.shape[dim] - 1) * step + 1
        for offset in range(size):
            seen = [slice(None)] * dim + [slice(offset, offset + reach, step)]
            dx[tuple(seen)] += dy[..., offset]
        return dx.to(dy.dtype)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.unfold(*self.options[:3]),)


def shape_argument(given: tuple[int | Sequence[int], ...]) -> tuple[int, ...]:
    """Return a shape that was given as one sequence or as several numbers."""
    only = given[0] if len(given) == 1 else None
    listed = only if isinstance(only, (tuple, list, Size)) else given
    return tuple(arguments.integer("Variable", "every extent or axis", n) for n in listed)
