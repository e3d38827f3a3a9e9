"""What the layers share that normalise, then scale and shift: weight and bias."""

import torch
from torch import Tensor

from framework import arguments, placement
from framework.module import Layer
from framework.placement import Device


class Normalisation(Layer):
    """A layer with a weight of ones and a bias of zeros at first, both of the shape given, or either None.

    Raises    TypeError or ValueError if bias is no bool, device or dtype is none that
              the framework computes on, or the dtype of x is not that of weight.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        affine: bool,
        bias: bool,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer = self.label()
        biased = arguments.boolean(layer, "bias", bias)
        ones = placement.empty(layer, *shape, on=device, of=dtype).fill_(1)
        self.weight = self.register("weight", ones) if affine else None
        self.bias = self.register("bias", torch.zeros_like(ones)) if affine and biased else None

    def validate(self, x: Tensor) -> None:
        if self.weight is not None:
            arguments.alike(self.label(), "x", x, self.weight, "weight")
