"""Normalisation of groups of channels."""

from functools import reduce

import torch
from torch import Tensor

from framework import arguments, blocks, normalised
from framework.layers.normalisation import Normalisation
from framework.module import Saved
from framework.placement import Device
from framework.precision import wide


def forward(x: Tensor, weight: Tensor | None, bias: Tensor | None, groups: int, eps: float) -> tuple[Tensor, Saved]:
    parts = (groups, x.shape[1] // groups)
    values = wide(x).reshape(len(x), *parts, x.shape[2:].numel())  # N, num_groups, channels of each, M
    xhat, rstd = normalised.forward(values, (2, 3), eps)
    w, b = (None if value is None else wide(value).reshape(*parts, 1) for value in (weight, bias))
    y = normalised.shifted(xhat, w, b).reshape(x.shape).to(x.dtype)
    return y, ((xhat, rstd) if weight is None else (xhat, rstd, weight))


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
    xhat, rstd, *affine = saved
    given, dx, sums = wide(dy).reshape(xhat.shape), torch.empty_like(xhat), []
    if not affine:
        for d, own, r, out in blocks.cut(given, xhat, rstd, dx):
            normalised.backward(d, own, r, (2, 3), out=out)
        return (dx.reshape(dy.shape).to(dy.dtype),)
    weight, values = wide(affine[0]).reshape(*xhat.shape[1:3], 1), xhat.shape[2:].numel()
    for d, own, r, out in blocks.cut(given, xhat, rstd, dx):
        dweight, dbias = (d * own).sum(3, keepdim=True), d.sum(3, keepdim=True)  # still to be summed over N
        of_gx, of_g = ((part * weight).sum(2, keepdim=True).div_(values) for part in (dweight, dbias))
        normalised.assembled(torch.mul(d, weight, out=out), own, r, of_gx, of_g, out)
        sums.append((dweight.sum(0), dbias.sum(0)))
    dweight, dbias = (reduce(torch.add, parts).flatten() for parts in zip(*sums, strict=True))
    return dx.reshape(dy.shape).to(dy.dtype), dweight, dbias


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
