"""Many elements made one.

Source    The adjoint of a sum is a copy to every term; of a maximum, a share for every element that attains it.
"""

from math import prod

from torch import Size, Tensor

from framework.tape.operators.operator import CONSTANT, Gradients, GradOperator

Axes = int | tuple[int, ...] | None


def axes_of(dim: Axes, axes: int) -> list[int]:
    """Return the axes that `dim` names, counted from the front: all of them for None.

    Raises IndexError if there is no such axis. A scalar counts as having one, which is not reduced.
    """
    named = range(axes) if dim is None else (dim,) if isinstance(dim, int) else dim
    last = max(1, axes) - 1
    for axis in named:
        if not -last - 1 <= axis <= last:
            raise IndexError(f"dim must be in {-last - 1} ... {last}, was {axis}")
    return [axis % axes for axis in named] if axes else []


class Reduction(GradOperator):
    """y, with the axes of dim reduced to one element each, which is left out unless keepdim."""

    __slots__ = ("kept", "shaped")

    def reduce(self, x: Tensor, dim: Axes) -> list[int]:
        """Note the shape of x and that of y if the axes were kept; return the axes to reduce."""
        axes = axes_of(dim, x.dim())
        self.shaped, self.kept = x.shape, Size(1 if i in axes else extent for i, extent in enumerate(x.shape))
        return axes

    def terms(self) -> int:
        """Return how many elements each sum has."""
        return prod(self.shaped) // max(1, prod(self.kept))


class Sum(Reduction):
    """y = Σ x;  dx = dy, at every term."""

    __slots__ = ()

    def forward(self, x: Tensor, dim: Axes, keepdim: bool) -> Tensor:
        axes = self.reduce(x, dim)
        return x.sum(axes, keepdim=keepdim) if axes else x.clone()

    def pass_grad(self, dy: Tensor) -> Gradients:
        return (dy.reshape(self.kept).expand(self.shaped),)


class Mean(Reduction):
    """y = Σ x / n;  dx = dy / n, at every term."""

    __slots__ = ()

    def forward(self, x: Tensor, dim: Axes, keepdim: bool) -> Tensor:
        axes = self.reduce(x, dim)
        return x.mean(axes, keepdim=keepdim) if axes else x.clone()

    def pass_grad(self, dy: Tensor) -> Gradients:
        return ((dy.reshape(self.kept) / max(1, self.terms())).expand(self.shaped),)


class Amax(Reduction):
    """y = max x;  dx = dy / k where x attains the maximum, k elements in all, else 0."""

    __slots__ = ()
    keeps = (CONSTANT, CONSTANT)

    def forward(self, x: Tensor, dim: Axes, keepdim: bool) -> Tensor:
        axes = self.reduce(x, dim)
        y = x.amax(axes, keepdim=True) if axes else x.clone()
        self.save(x, y)
        return y if keepdim else y.reshape([n for i, n in enumerate(y.shape) if i not in axes])

    def pass_grad(self, dy: Tensor) -> Gradients:
        x, y = self.recall()
        attained = (x == y).to(x.dtype)
        axes = [i for i, (kept, extent) in enumerate(zip(self.kept, self.shaped, strict=True)) if kept != extent]
        shares = attained.sum(axes, keepdim=True) if axes else attained
        return (attained * (dy.reshape(self.kept) / shares),)
