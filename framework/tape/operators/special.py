"""Functions of every element that are integrals. The chain rule: dx = dy f'(x), and f' is what was integrated."""

from math import pi, sqrt

from torch import Tensor

from framework.tape.operators.operator import Gradients, GradOperator


class Erfc(GradOperator):
    """y = erfc x = 2 / √π times the integral of exp(-t²) from x on;  dx = -dy 2 / √π exp(-x²)."""

    __slots__ = ()
    keeps = (0,)

    def forward(self, x: Tensor) -> Tensor:
        self.save(x)
        return x.erfc()

    def pass_grad(self, dy: Tensor) -> Gradients:
        (x,) = self.recall()
        return (dy * ((x * x).neg().exp() * (-2 / sqrt(pi))),)
