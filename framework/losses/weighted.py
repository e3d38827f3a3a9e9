"""Losses with constants: weights of classes or of elements, which no gradient goes into."""

from typing import Self

import torch
from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss
from framework.memory import Saved
from framework.placement import Device


class WeightedLoss(Loss):
    """A loss that holds tensors beside its inputs. They move and are cast with it, as the buffers of torch.nn do.

    Raises    TypeError if one of them is neither None nor a floating-point tensor; ValueError if it keeps a graph.
    """

    def __init__(self, reduction: str, **constants: Tensor | None) -> None:
        super().__init__(reduction)
        for name, value in constants.items():
            setattr(self, name, None if value is None else arguments.floating(self.label(), name, value))
        self._constants = tuple(constants)

    def options(self) -> dict[str, object]:
        held = {name: getattr(self, name) for name in self._constants}
        return super().options() | {name: value.tolist() for name, value in held.items() if value is not None}

    def to(self, device: Device | torch.dtype | None = None, dtype: torch.dtype | None = None) -> Self:
        super().to(device, dtype)
        for name in self._constants:
            for target in (device, dtype):
                if getattr(self, name) is not None and target is not None:
                    setattr(self, name, getattr(self, name).to(target))
        return self

    def companions(self) -> Saved:
        held = [getattr(self, name) for name in self._constants]
        return tuple([value for value in held if value is not None])

    def fitting(self, name: str, p: Tensor) -> None:
        """Raise TypeError or ValueError unless the constant `name` is None, or is like `p` and broadcasts to it."""
        value = getattr(self, name)
        if value is None:
            return
        layer = self.label()
        arguments.alike(layer, name, value, p, "p")
        ends = tuple(zip(reversed(value.shape), reversed(p.shape), strict=False))
        if value.dim() > p.dim() or any(own not in (1, extent) for own, extent in ends):
            raise ValueError(
                f"{layer}: {name} must broadcast to the shape of p, {tuple(p.shape)}, had shape {tuple(value.shape)}"
            )
