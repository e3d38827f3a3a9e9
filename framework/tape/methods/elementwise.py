"""Methods that apply a function to every element by itself."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from framework.tape.methods.base import Methods
from framework.tape.operators import elementwise, formats, fused, special

if TYPE_CHECKING:
    from framework.tape.variable import Variable


class Elementwise(Methods):
    """Functions of every element by itself."""

    __slots__ = ()

    def exp(self) -> "Variable":
        """Return eˣ."""
        return self.through(elementwise.Exp)

    def expm1(self) -> "Variable":
        """Return eˣ - 1, exact near 0."""
        return self.through(elementwise.Expm1)

    def log(self) -> "Variable":
        """Return log x."""
        return self.through(elementwise.Log)

    def log1p(self) -> "Variable":
        """Return log(1 + x), exact near 0."""
        return self.through(elementwise.Log1p)

    def sqrt(self) -> "Variable":
        """Return √x."""
        return self.through(elementwise.Sqrt)

    def abs(self) -> "Variable":
        """Return |x|."""
        return self.through(elementwise.Abs)

    def clamp(self, min: float | None = None, max: float | None = None) -> "Variable":
        """Return x held between min and max, which pass the gradient where they are attained."""
        return self.through(elementwise.Clamp, min, max)

    def masked_fill(self, mask: Tensor, value: float) -> "Variable":
        """Return x, but `value` where the mask holds, which passes no gradient there."""
        return self.through(elementwise.Filled, mask, value)

    def relu(self) -> "Variable":
        """Return max(x, 0), as the layer ReLU."""
        return self.through(fused.FusedRelu)

    def tanh(self) -> "Variable":
        """Return tanh x, as the layer Tanh."""
        return self.through(fused.FusedTanh)

    def sigmoid(self) -> "Variable":
        """Return 1 / (1 + e⁻ˣ), as the layer Sigmoid."""
        return self.through(fused.FusedSigmoid)

    def erfc(self) -> "Variable":
        """Return 1 - erf x, which keeps its digits where erf x is all but 1."""
        return self.through(special.Erfc)

    def to(self, dtype: torch.dtype) -> "Variable":
        """Return x in another floating-point format."""
        return self.through(formats.Cast, dtype)
