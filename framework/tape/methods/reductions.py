"""Methods that make one element of many."""

from typing import TYPE_CHECKING

from framework.tape.methods.base import Methods
from framework.tape.operators import reductions
from framework.tape.operators.reductions import Axes

if TYPE_CHECKING:
    from framework.tape.variable import Variable


class Reductions(Methods):
    """Sums, means and maxima along axes."""

    __slots__ = ()

    def sum(self, dim: Axes = None, keepdim: bool = False) -> "Variable":
        """Return the sum along the axes of dim: all of them for None."""
        return self.through(reductions.Sum, dim, keepdim)

    def mean(self, dim: Axes = None, keepdim: bool = False) -> "Variable":
        """Return the mean along the axes of dim: all of them for None."""
        return self.through(reductions.Mean, dim, keepdim)

    def amax(self, dim: Axes = None, keepdim: bool = False) -> "Variable":
        """Return the maximum along the axes of dim; elements that tie share its gradient."""
        return self.through(reductions.Amax, dim, keepdim)

    def max(self) -> "Variable":
        """Return the largest element; those that tie share its gradient."""
        return self.amax()
