"""A change of the format of numbers. To a wider one it is exact, and its derivative is the way back."""

import torch
from torch import Tensor

from framework.tape.operators.operator import Gradients, GradOperator


class Cast(GradOperator):
    """y = x in another floating-point format;  dx = dy in the format of x."""

    __slots__ = ("own",)
    name = "to"

    def forward(self, x: Tensor, dtype: torch.dtype) -> Tensor:
        if not dtype.is_floating_point:
            raise TypeError("dtype must be a floating-point one")
        self.own = x.dtype
        return x.to(dtype)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.to(self.own),)
