"""Arithmetic of two operands, each a tensor or a number, with broadcasting.

Source    The rules of differentiation, with the adjoint of broadcasting; docs/derivations.md, The tape.
"""

import torch
from torch import Size, Tensor

from framework.tape.operators.adjoint import plain
from framework.tape.operators.broadcasting import summed_to
from framework.tape.operators.operator import OUTPUT, Gradients, GradOperator

Operand = Tensor | float


def shape_of(operand: Operand) -> Size:
    return operand.shape if isinstance(operand, Tensor) else Size()


class Binary(GradOperator):
    """An operator of two operands a and b whose shapes broadcast to that of y."""

    __slots__ = ("shapes",)

    def keep(self, a: Operand, b: Operand, *values: object) -> None:
        """Keep the shapes of the operands, and `values` for pass_grad."""
        self.shapes = shape_of(a), shape_of(b)
        self.save(*values)

    def summed(self, da: Tensor | None, db: Tensor | None) -> Gradients:
        """Return both gradients in the shapes of their operands."""
        return (
            None if da is None else summed_to(da, self.shapes[0]),
            None if db is None else summed_to(db, self.shapes[1]),
        )


class Add(Binary):
    """y = a + b;  da = dy, db = dy."""

    __slots__ = ()

    def forward(self, a: Operand, b: Operand) -> Tensor:
        self.keep(a, b)
        return torch.add(a, b)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return self.summed(dy if self.wants(0) else None, dy if self.wants(1) else None)


class Sub(Binary):
    """y = a - b;  da = dy, db = -dy."""

    __slots__ = ()

    def forward(self, a: Operand, b: Operand) -> Tensor:
        self.keep(a, b)
        return torch.sub(a, b)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return self.summed(dy if self.wants(0) else None, -dy if self.wants(1) else None)


class Mul(Binary):
    """y = a b;  da = dy b, db = dy a."""

    __slots__ = ()
    keeps = (0, 1)

    def forward(self, a: Operand, b: Operand) -> Tensor:
        self.keep(a, b, a if self.wants(1) else None, b if self.wants(0) else None)
        return torch.mul(a, b)

    def pass_grad(self, dy: Tensor) -> Gradients:
        a, b = self.recall()
        return self.summed(None if b is None else dy * b, None if a is None else dy * a)


class Div(Binary):
    """y = a / b;  da = dy / b, db = -dy y / b."""

    __slots__ = ()
    keeps = (1, OUTPUT)

    def forward(self, a: Operand, b: Operand) -> Tensor:
        y = torch.div(a, b)
        self.keep(a, b, b, y if self.wants(1) else None)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        b, y = self.recall()
        da = dy / b
        return self.summed(da if self.wants(0) else None, None if y is None else -da * y)


class Pow(Binary):
    """y = aᵇ;  da = dy b aᵇ⁻¹, 0 where b is 0;  db = dy y log a, 0 where a is 0 and b is not negative."""

    __slots__ = ()
    keeps = (0, 1, OUTPUT)

    def forward(self, a: Operand, b: Operand) -> Tensor:
        y: Tensor = a**b
        self.keep(a, b, a, b, y if self.wants(1) else None)
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        a, b, y = self.recall()
        da = slope_in_base(dy, a, b) if self.wants(0) else None
        return self.summed(da, None if y is None else slope_in_exponent(dy, a, b, y))


def slope_in_base(dy: Tensor, a: Tensor, b: Operand) -> Tensor:
    if isinstance(b, (int, float)):
        return torch.zeros_like(plain(dy)) if b == 0 else dy * (a.pow(b - 1) * b)
    return (dy * (b * a.pow(b - 1))).masked_fill(plain(b) == 0, 0)


def slope_in_exponent(dy: Tensor, a: Operand, b: Tensor, y: Tensor) -> Tensor:
    base = plain(y).new_tensor(a) if isinstance(a, (int, float)) else a
    return dy * (y * base.log()).masked_fill((plain(base) == 0) & (plain(b) >= 0), 0)


class Neg(GradOperator):
    """y = -x;  dx = -dy."""

    __slots__ = ()

    def forward(self, x: Tensor) -> Tensor:
        return -x

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (-dy,)
