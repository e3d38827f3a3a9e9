"""What a backward formula needs of tensors and Variables alike, beside the operations that both have.

Vocabulary  adjoint (the derivative of a linear operator, which is an operator in its turn)
"""

from typing import Any

from torch import Tensor

from framework.tape.operators.operator import GradOperator


def plain(value: Any) -> Any:
    """Return the tensor of a Variable; anything else as it is."""
    return getattr(value, "tensor", value)


class Adjoint(GradOperator):
    """dx = compute(dy, *options), which is linear in dy."""

    __slots__ = ("options",)

    @staticmethod
    def compute(dy: Tensor, *options: Any) -> Tensor:
        """Return dx."""
        raise NotImplementedError

    @classmethod
    def of(cls, dy: Any, *options: Any) -> Any:
        """Return dx: of a tensor at once, of a Variable as the output of a node."""
        return cls.compute(dy, *options) if isinstance(dy, Tensor) else dy.through(cls, *options)

    def forward(self, dy: Tensor, *options: Any) -> Tensor:
        self.options = options
        return self.compute(dy, *options)
