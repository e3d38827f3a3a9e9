"""Normalisation of groups of channels."""

import torch
from torch import Tensor

from framework import arguments, normalised
from framework.layers.normalisation import Normalisation
from framework.module import Saved
from framework.placement import Device
from framework.precision import wide


def forward(x: Tensor, weight: Tensor | None, bias: Tensor | None, groups: int, eps: float) -> tuple[Tensor, Saved]:
    channels = (*x.shape[:2], x.shape[2:].numel())  # N, C, M
    blocks = wide(x).reshape(len(x), groups, channels[1] // groups * channels[2])
    xhat, rstd = normalised.forward(blocks, (2,), eps)
    w, b = (None if value is None else wide(value)[:, None] for value in (weight, bias))
    y = normalised.shifted(xhat.reshape(channels), w, b).reshape(x.shape).to(x.dtype)
    return y, ((xhat, rstd) if weight is None else (xhat, rstd, weight))


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
    xhat, rstd, *affine = saved
    if not affine:
        return (normalised.backward(wide(dy).reshape(xhat.shape), xhat, rstd, (2,)).reshape(dy.shape).to(dy.dtype),)
    weight = wide(affine[0])
    images = wide(dy).reshape(*dy.shape[:2], dy.shape[2:].numel())  # (N, C, M)
    dbias, dweight = images.sum(2), (images * xhat.reshape(images.shape)).sum(2)  # (N, C), to be summed over N
    parts, values = (len(dy), rstd.shape[1], dy.shape[1] // rstd.shape[1]), xhat.shape[2]
    of_g, of_gx = (
        (sums * weight).reshape(parts).sum(2, keepdim=True).div_(values) for sums in (dbias, dweight)
    )  # each (N, num_groups, 1)
    dx = normalised.assembled((images * weight[:, None]).reshape(xhat.shape), xhat, rstd, of_gx, of_g)
    return dx.reshape(dy.shape).to(dy.dtype), dweight.sum(0), dbias.sum(0)


class GroupNorm(Normalisation):
    """Give every group of channels of every sample mean 0 and variance 1, then scale and shift every channel.

    Shapes    x, dx, y, dy  (N, C, *)
              weight, bias  (C,), or None
    Forward   y = weight xhat + bias;  xhat = (x - mean x) rstd,  rstd = 1 / √(mean (x - mean x)² + eps)
    Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = weight dy
              dweight = Σ dy xhat,  dbias = Σ dy, over all axes but C
              every mean is over the C / num_groups channels of a group and over *
    Source    Wu & He 2018, "Group normalization", eq. 1 and 7; torch.nn.GroupNorm.
    Raises    ValueError if num_channels does not divide by num_groups, an option is out of range, or x is not
              (N, num_channels, *); TypeError if its dtype is not that of weight, or an option is of another type.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        layer = self.label()
        groups = arguments.whole(layer, "num_groups", num_groups, 1)
        channels = arguments.whole(layer, "num_channels", num_channels, 1)
        if channels % groups:
            raise ValueError(f"{layer}: num_channels must be divisible by num_groups {groups}, was {channels}")
        super().__init__((channels,), arguments.boolean(layer, "affine", affine), bias, device, dtype)
        self.num_groups, self.num_channels = groups, channels
        self.eps = arguments.number(layer, "eps", eps, 0.0)

    def options(self) -> dict[str, object]:
        return {
            "num_groups": self.num_groups,
            "num_channels": self.num_channels,
            "eps": self.eps,
            "affine": self.weight is not None,
            "bias": self.bias is not None,
        }

    def validate(self, x: Tensor) -> None:
        arguments.channelled(self.label(), x, self.num_channels, 2)
        super().validate(x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.num_groups, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)
