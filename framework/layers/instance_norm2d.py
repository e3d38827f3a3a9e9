"""Normalisation of every channel of every image."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers.group_norm import backward, forward
from framework.layers.normalisation import Normalisation
from framework.module import Saved
from framework.placement import Device


class InstanceNorm2d(Normalisation):
    """Give every channel of every image mean 0 and variance 1: groups of one channel, as GroupNorm has them.

    Shapes    x, dx, y, dy  (N, C, H, W)
              weight, bias  (C,), or None
    Forward   y = weight xhat + bias;  xhat = (x - mean x) rstd,  rstd = 1 / √(mean (x - mean x)² + eps)
    Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = weight dy
              dweight = Σ dy xhat,  dbias = Σ dy, over all axes but C;  every mean is over H and W
    Source    Ulyanov, Vedaldi & Lempitsky 2016, "Instance normalization", eq. 2; torch.nn.InstanceNorm2d. momentum is
              that of running statistics, which are not kept here.
    Raises    ValueError if track_running_stats is asked for, an option is out of range, or x is not (N, num_features,
              H, W) or of one pixel; TypeError if its dtype is not that of weight, or an option is of another type.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        layer = self.label()
        if arguments.boolean(layer, "track_running_stats", track_running_stats):
            raise ValueError(f"{layer}: track_running_stats must be False (none are kept here), was True")
        features = arguments.whole(layer, "num_features", num_features, 1)
        super().__init__((features,), arguments.boolean(layer, "affine", affine), bias, device, dtype)
        self.num_features = features
        self.eps = arguments.number(layer, "eps", eps, 0.0)
        self.momentum = None if momentum is None else arguments.number(layer, "momentum", momentum)

    def options(self) -> dict[str, object]:
        return {
            "num_features": self.num_features,
            "eps": self.eps,
            "affine": self.weight is not None,
            "bias": self.bias is not None,
        }

    def validate(self, x: Tensor) -> None:
        arguments.image(self.label(), x, self.num_features)
        if x.shape[2:].numel() == 1:
            raise ValueError(f"{self.label()}: x must have more than one pixel, had shape {tuple(x.shape)}")
        super().validate(x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.num_features, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)
