"""What the methods of a Variable stand on."""

from typing import TYPE_CHECKING

from torch import Size, Tensor

from framework.tape.operators.operator import GradOperator

if TYPE_CHECKING:
    from framework.tape.variable import Variable


class Methods:
    """A part of Variable: methods of one kind, which apply an operator to the Variable itself."""

    __slots__ = ()

    tensor: Tensor

    @property
    def shape(self) -> Size:
        """The shape of the tensor."""
        return self.tensor.shape

    def dim(self) -> int:
        """Return the number of axes."""
        return self.tensor.dim()

    def through(self, kind: type[GradOperator], *options: object) -> "Variable":
        """Return the output of an operator of this one operand."""
        raise NotImplementedError
