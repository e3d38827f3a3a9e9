"""Elements picked out of a tensor, and elements put among zeros. The adjoint of either is the other.

Source    docs/derivations.md, The tape.
"""

from typing import Any

import torch
from torch import Tensor

from framework.sums import add_slices
from framework.tape.operators.adjoint import Adjoint
from framework.tape.operators.operator import Gradients, GradOperator


def basic(index: object) -> bool:
    """Return whether an index picks no element twice: numbers, slices, ..., None, and one boolean mask."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in parts)


class GetItem(GradOperator):
    """y = x[index];  dx = dy at the elements picked, added up where one was picked twice, else 0."""

    __slots__ = ("index", "shaped")
    name = "[ ]"

    def forward(self, x: Tensor, index: Any) -> Tensor:
        self.index, self.shaped = index, x.shape
        return x[index]

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (Put.of(dy, self.index, self.shaped),)


class Put(Adjoint):
    """The adjoint of an index: elements put among zeros, added up where one was picked twice."""

    __slots__ = ()

    @staticmethod
    def compute(dy: Tensor, *options: Any) -> Tensor:
        index, shaped = options
        dx = dy.new_zeros(shaped)
        if basic(index):
            dx[index] = dy
            return dx
        positions = torch.arange(dx.numel(), device=dy.device).view(shaped)[index]
        return add_slices(dx.view(-1), 0, positions.reshape(-1), dy.reshape(-1)).view(shaped)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy[self.options[0]],)


class Gather(GradOperator):
    """y[i, j] = x[index[i, j], j] for dim 0, and so for every dim;  dx = Σ dy over the places that read the element."""

    __slots__ = ("dim", "index", "shaped")

    def forward(self, x: Tensor, dim: int, index: Tensor) -> Tensor:
        self.dim, self.index, self.shaped = dim, index, x.shape
        return x.gather(dim, index)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (Scattered.of(dy, self.dim, self.index, self.shaped),)


class Scattered(Adjoint):
    """The adjoint of gather: what was read from one element is added up there."""

    __slots__ = ()

    @staticmethod
    def compute(dy: Tensor, *options: Any) -> Tensor:
        dim, index, shaped = options
        return dy.new_zeros(shaped).scatter_add_(dim, index, dy)

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.gather(*self.options[:2]),)


class Spread(GradOperator):
    """y = x with step - 1 zeros between neighbours, on each of the last axes;  dx = dy at the places of x."""

    __slots__ = ("places",)

    def forward(self, x: Tensor, steps: tuple[int, ...]) -> Tensor:
        steps = (1,) * (x.dim() - len(steps)) + steps
        self.places = tuple(slice(None, None, step) for step in steps)
        y = x.new_zeros([max(0, (n - 1) * step + 1) for n, step in zip(x.shape, steps, strict=True)])
        y[self.places] = x
        return y

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy[self.places],)
