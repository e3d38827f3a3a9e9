"""Functions of every element by itself. The chain rule: dx = dy f'(x), with f' at x.

Source    Differential calculus; at a kink the subgradient is that of torch: abs takes 0, clamp passes at its bounds.
"""

from numbers import Real

import torch
from torch import Tensor

from framework.tape.operators.arithmetic import Binary, Operand
from framework.tape.operators.operator import CONSTANT, OUTPUT, Gradients, GradOperator


class Exp(GradOperator):
    """y = exp x;  dx = dy y."""

    __slots__ = ()
    keeps = (OUTPUT,)

    def forward(self, x: Tensor) -> Tensor:
        y = x.exp()
        self.save(y)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        (y,) = self.recall()
        return (dy * y,)


class Expm1(GradOperator):
    """y = exp x - 1, exact near 0;  dx = dy (y + 1)."""

    __slots__ = ()
    keeps = (OUTPUT,)

    def forward(self, x: Tensor) -> Tensor:
        y = x.expm1()
        self.save(y)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        (y,) = self.recall()
        return (dy * (y + 1),)


class Log(GradOperator):
    """y = log x;  dx = dy / x."""

    __slots__ = ()
    keeps = (0,)

    def forward(self, x: Tensor) -> Tensor:
        self.save(x)
        return x.log()

    def pass_grad(self, dy: Tensor) -> Gradients:
        (x,) = self.recall()
        return (dy / x,)


class Log1p(GradOperator):
    """y = log(1 + x), exact near 0;  dx = dy / (1 + x)."""

    __slots__ = ()
    keeps = (0,)

    def forward(self, x: Tensor) -> Tensor:
        self.save(x)
        return x.log1p()

    def pass_grad(self, dy: Tensor) -> Gradients:
        (x,) = self.recall()
        return (dy / (x + 1),)


class Sqrt(GradOperator):
    """y = √x;  dx = dy / 2y."""

    __slots__ = ()
    keeps = (OUTPUT,)

    def forward(self, x: Tensor) -> Tensor:
        y = x.sqrt()
        self.save(y)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        (y,) = self.recall()
        return (dy / (2 * y),)


class Abs(GradOperator):
    """y = |x|;  dx = dy sign x."""

    __slots__ = ()
    keeps = (CONSTANT,)

    def forward(self, x: Tensor) -> Tensor:
        self.save(x)
        return x.abs()

    def pass_grad(self, dy: Tensor) -> Gradients:
        (x,) = self.recall()
        return (dy * x.sgn(),)


class Clamp(GradOperator):
    """y = x held between low and high, either of which may be None;  dx = dy where low <= x <= high, else 0."""

    __slots__ = ("high", "low")
    keeps = (CONSTANT,)

    def forward(self, x: Tensor, low: float | None, high: float | None) -> Tensor:
        if not all(bound is None or isinstance(bound, Real) for bound in (low, high)):
            raise TypeError("bounds must be numbers or None")
        self.low, self.high = low, high
        self.save(x)
        return x.clamp(low, high)

    def pass_grad(self, dy: Tensor) -> Gradients:
        (x,) = self.recall()
        inside = torch.ones_like(x, dtype=torch.bool) if self.low is None else x >= self.low
        return (dy.masked_fill(~(inside if self.high is None else inside & (x <= self.high)), 0),)


class Where(Binary):
    """y = a where the mask holds, else b;  da = dy where it holds, else 0; db the other way round."""

    __slots__ = ()
    keeps = (CONSTANT,)

    def forward(self, a: Operand, b: Operand, mask: Tensor) -> Tensor:
        self.keep(a, b, mask)
        return torch.where(mask, a, b)

    def pass_grad(self, dy: Tensor) -> Gradients:
        (mask,) = self.recall()
        da = dy.masked_fill(~mask, 0) if self.wants(0) else None
        return self.summed(da, dy.masked_fill(mask, 0) if self.wants(1) else None)


class Filled(GradOperator):
    """y = a number where the mask holds, else x;  dx = 0 where it holds, else dy."""

    __slots__ = ()
    keeps = (CONSTANT,)

    def forward(self, x: Tensor, mask: Tensor, value: float) -> Tensor:
        self.save(mask)
        return x.masked_fill(mask, value)

    def pass_grad(self, dy: Tensor) -> Gradients:
        (mask,) = self.recall()
        return (dy.masked_fill(mask, 0),)


class Tangent(GradOperator):
    """y = a value that is given, on a line of a slope that is given;  dx = dy slope, 0 where the slope is 0."""

    __slots__ = ()
    keeps = (CONSTANT,)

    def forward(self, _: Tensor, value: Tensor, slope: Tensor) -> Tensor:
        self.save(slope)
        return value

    def pass_grad(self, dy: Tensor) -> Gradients:
        (slope,) = self.recall()
        return ((dy * slope).masked_fill(slope == 0, 0),)
