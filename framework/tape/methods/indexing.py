"""Methods that pick elements out, or put them among zeros."""

from typing import TYPE_CHECKING, Any

from torch import Tensor

from framework.tape.methods.base import Methods
from framework.tape.operators import indexing, numbered

if TYPE_CHECKING:
    from framework.tape.variable import Variable


class Indexing(Methods):
    """Elements picked out, and elements put among zeros."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> "Variable":
        if any(isinstance(part, Methods) for part in (index if isinstance(index, tuple) else (index,))):
            raise TypeError("[ ]: an index must be a number, a slice or a tensor of whole numbers, was a Variable")
        return self.through(indexing.GetItem, index)

    def narrow(self, dim: int, start: int, length: int) -> "Variable":
        """Return `length` elements along an axis, from `start` on."""
        return self[(slice(None),) * (dim % self.dim()) + (slice(start, start + length),)]

    def spread(self, *steps: int) -> "Variable":
        """Return x with steps - 1 zeros between neighbours on each of the last axes."""
        return self.through(indexing.Spread, steps)

    def gather(self, dim: int, index: Tensor) -> "Variable":
        """Return the elements along an axis that index names (torch.gather)."""
        return self.through(indexing.Gather, dim, index)

    def index_select(self, dim: int, index: Tensor) -> "Variable":
        """Return the slices along an axis that a vector of numbers names (torch.index_select)."""
        return self.through(numbered.IndexSelect, dim, index)

    def index_sum(self, dim: int, index: Tensor, count: int) -> "Variable":
        """Return `count` slices along an axis: the sum of those of x that have the same number in index."""
        return self.through(numbered.IndexSum, dim, index, count)
