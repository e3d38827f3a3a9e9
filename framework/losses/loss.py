"""What every loss is: values per element, and one of three ways to reduce them."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from math import inf
from typing import Any, ClassVar

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import like, signature
from framework.memory import Memory
from framework.module import Differentiable, Saved
from framework.precision import wide


class Loss(Differentiable):
    """A module of prediction p and target t, with a derivative for p; or of what else a subclass takes, by name.

    Forward   values = values(p, t), then y = mean, sum or all of them
    Backward  dp = dvalues/dp · dy · scale, scale = 1 / number of values for the mean, else 1; no dy means dy = 1;
              a tuple of the gradients where several inputs have one
    Raises    ValueError for an unknown reduction; RuntimeError if backward has no dy but the reduction is none.
    """

    takes: ClassVar[tuple[str, ...]] = ("p", "t")
    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = arguments.choice(self.label(), "reduction", reduction, self.reductions)
        self._scale = 1.0

    @abstractmethod
    def validate(self, *inputs: Any, **_: Any) -> None:
        """Raise TypeError or ValueError unless these, one for each name that it takes, are inputs for this loss.

        It looks at shapes, dtypes and devices, never at elements: inputs like the last ones are not asked about again,
        until an attribute of the loss is assigned, or the loss moved.
        """

    def examine(self, *inputs: Any, **_: Any) -> tuple[Any, ...]:
        """Return valid inputs as `compute` takes them; raise ValueError for elements that are none for this loss."""
        return inputs

    @abstractmethod
    def compute(self, *inputs: Any, **_: Any) -> tuple[Tensor, Saved]:
        """Call the file's forward function: return the values before reduction and what backward reads."""

    @abstractmethod
    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Any:
        """Call the file's backward function: return dp for dy, which has the shape of the values or none at all."""

    def reduce(self, values: Tensor, saved: Saved) -> tuple[Tensor, float]:  # noqa: ARG002 - for those that override it
        """Return y of the values, and the scale: what each of them counts in it."""
        if self.reduction == "mean":
            return values.mean(), 1 / max(1, values.numel())
        return values.sum() if self.reduction == "sum" else values, 1.0

    def options(self) -> dict[str, object]:
        return {"reduction": self.reduction}

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the loss of what it takes: of prediction p against target t."""
        given, state = self.checked(*inputs), vars(self)
        state["_memory"] = None
        values, saved = self.compute(*given)
        y, state["_scale"] = self.reduce(values, saved)
        state["_memory"] = Memory(saved, y)
        return y

    def checked(self, *inputs: Any) -> tuple[Any, ...]:
        """Return the inputs as `compute` takes them; raise TypeError or ValueError unless they are for this loss."""
        accepted, given = self._accepted, inputs + self.companions()
        if len(given) != len(accepted) or not all(map(like, accepted, given)):
            self.validate(*arguments.counted(self.label(), self.takes, inputs))
            self.note(_accepted=tuple([signature(value) for value in given]))
        return self.examine(*inputs)

    def companions(self) -> Saved:
        """Return the tensors of this loss that `validate` compares with the inputs."""
        return ()

    def backward(self, dy: Tensor | None = None) -> Any:
        """Return dL/dp for the last forward; without dy, for dy = 1 (reductions mean and sum only)."""
        if dy is not None:
            return self.differentiate(dy, self.recall(dy), self._scale)
        memory = self.remembered()
        if self.reduction == "none":
            raise RuntimeError(f"{self.label()}: dy must be given when reduction is 'none', was None")
        _, dtype, device = memory.output
        return self.differentiate(one(dtype, device), memory.saved, self._scale)


@cache
def one(dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return 1, the dy of a loss that nothing follows."""
    return torch.ones((), dtype=dtype, device=device)


def divided(values: Tensor, total: float) -> tuple[Tensor, float]:
    """Return the sum of the values over a total, and the share of each; both are nan where the total is 0."""
    scale = 1 / total if total else torch.nan
    exact = torch.promote_types(values.dtype, torch.float32)
    return values.sum(dtype=exact).mul_(scale).to(values.dtype), scale


def chained(slope: Tensor, dy: Tensor, scale: float) -> Tensor:
    """Return slope · scale · dy, written over `slope`; in float16 a product of two of them may vanish or overflow."""
    if scale == 1:
        return slope.mul_(dy)
    if slope.dtype == torch.float16:
        return slope.copy_(wide(slope).mul_(scale).mul_(dy))
    return slope.mul_(dy * scale) if dy.dim() == 0 else slope.mul_(scale).mul_(dy)


def matched(layer: str, p: Tensor, t: Tensor) -> None:
    """Raise TypeError or ValueError unless `p` and `t` are floating tensors of one shape, dtype and device."""
    alike(layer, ("p", "t"), (p, t))


def alike(layer: str, names: Sequence[str], inputs: Sequence[Tensor], most_axes: float = inf) -> None:
    """Raise TypeError or ValueError unless these are floating tensors of one shape, dtype and device.

    With a number of `most_axes`, they must also have one axis at least, and no more than so many.
    """
    for name, value in zip(names, inputs, strict=True):
        axes = arguments.floating(layer, name, value).dim()
        if most_axes < inf and not 1 <= axes <= most_axes:
            raise ValueError(f"{layer}: {name} must have 1 ... {most_axes} axes, had shape {tuple(value.shape)}")
        arguments.shaped(layer, name, value, inputs[0].shape)
        arguments.alike(layer, name, value, inputs[0], names[0])
