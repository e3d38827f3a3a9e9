"""Methods that move or copy elements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from framework.tape.methods.base import Methods
from framework.tape.operators import shapes

if TYPE_CHECKING:
    from framework.tape.variable import Variable


class Shapes(Methods):
    """The same elements in another shape or order."""

    __slots__ = ()

    def t(self) -> "Variable":
        """Return the transpose of a matrix; a vector as it is. Raises ValueError for more axes."""
        if self.dim() > 2:
            raise ValueError(f"t: the Variable must have at most 2 axes, had shape {tuple(self.shape)}")
        return self.transpose(0, 1) if self.dim() > 1 else self.reshape(self.shape)

    @property
    def T(self) -> "Variable":  # noqa: N802 - torch's name
        """The transpose of a matrix."""
        return self.t()

    def reshape(self, *shape: int | Sequence[int]) -> "Variable":
        """Return x in another shape."""
        return self.through(shapes.Reshape, shapes.shape_argument(shape))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> "Variable":
        """Return x with the axes start_dim to end_dim made one."""
        first, last = start_dim % max(1, self.dim()), end_dim % max(1, self.dim())
        return self.reshape(*self.shape[:first], self.shape[first : last + 1].numel(), *self.shape[last + 1 :])

    def permute(self, *dims: int | Sequence[int]) -> "Variable":
        """Return x with its axes in another order."""
        return self.through(shapes.Permute, shapes.shape_argument(dims))

    def transpose(self, dim0: int, dim1: int) -> "Variable":
        """Return x with two axes exchanged."""
        return self.through(shapes.Transpose, dim0, dim1)

    def flip(self, *dims: int | Sequence[int]) -> "Variable":
        """Return x with the elements along dims in reverse."""
        return self.through(shapes.Flip, shapes.shape_argument(dims))

    def expand(self, *shape: int | Sequence[int]) -> "Variable":
        """Return x repeated by broadcasting; -1 leaves an extent as it is."""
        return self.through(shapes.Expand, shapes.shape_argument(shape))

    def repeat(self, *times: int | Sequence[int]) -> "Variable":
        """Return copies of x side by side, times[i] of them along axis i."""
        return self.through(shapes.Repeat, shapes.shape_argument(times))

    def unfold(self, dimension: int, size: int, step: int) -> "Variable":
        """Return the windows of `size` elements along an axis, one every `step`, on a new last axis."""
        return self.through(shapes.Unfold, dimension, size, step)

    def pad(self, *frame: tuple[int, int]) -> "Variable":
        """Return x in a frame of zeros, (before, after) of them on each of the last axes."""
        return self.through(shapes.Pad, frame)
