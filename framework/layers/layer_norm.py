"""Normalisation of the last axes."""

from collections.abc import Sequence
from functools import reduce
from math import prod

import torch
from torch import Tensor

from framework import arguments, blocks, normalised
from framework.layers.normalisation import Normalisation
from framework.module import Saved
from framework.placement import Device
from framework.precision import wide


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, shape: tuple[int, ...], eps: float
) -> tuple[Tensor, Saved]:
    rows = wide(x).reshape(-1, prod(shape))
    xhat, rstd = normalised.forward(rows, (1,), eps)
    w, b = (None if value is None else wide(value).flatten() for value in (weight, bias))
    y = normalised.shifted(xhat, w, b).reshape(x.shape).to(x.dtype)
    return y, ((xhat, rstd) if weight is None else (xhat, rstd, weight))


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
    xhat, rstd, *affine = saved
    drows = wide(dy).reshape(xhat.shape)
    dx = torch.empty_like(xhat)
    if not affine:
        for d, own, r, out in blocks.cut(drows, xhat, rstd, dx):
            normalised.backward(d, own, r, (1,), out=out)
        return (dx.reshape(dy.shape).to(dy.dtype),)
    weight, sums = wide(affine[0]).reshape(-1, 1), []  # (D, 1)
    for d, own, r, out in blocks.cut(drows, xhat, rstd, dx):
        products = d * own
        of_gx, of_g = (values.mm(weight).div_(len(weight)) for values in (products, d))  # each (M, 1)
        normalised.assembled(torch.mul(d, weight.t(), out=out), own, r, of_gx, of_g, out)
        sums.append((products.sum(0), d.sum(0)))
    dweight, dbias = (reduce(torch.add, parts).reshape(affine[0].shape) for parts in zip(*sums, strict=True))
    return dx.reshape(dy.shape).to(dy.dtype), dweight, dbias


class LayerNorm(Normalisation):
    """Give every sample mean 0 and variance 1 over its last axes, then scale and shift every place.

    Shapes    x, dx, y, dy  (*, D1, ..., Dk), with (D1, ..., Dk) = normalized_shape
              weight, bias  (D1, ..., Dk), or None
    Forward   y = weight xhat + bias;  xhat = (x - mean x) rstd,  rstd = 1 / √(mean (x - mean x)² + eps)
    Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = weight dy
              dweight = Σ dy xhat,  dbias = Σ dy, over all axes but the last k; the means are over the last k
    Source    Ba, Kiros & Hinton 2016, "Layer normalization", eq. 4; torch.nn.LayerNorm.
    Raises    ValueError if the last extents of x are not normalized_shape, or an option is out of range; TypeError if
              its dtype is not that of weight, or an option is of another type.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        shape = arguments.listed(self.label(), "normalized_shape", normalized_shape, 1)
        affine = arguments.boolean(self.label(), "elementwise_affine", elementwise_affine)
        super().__init__(shape, affine, bias, device, dtype)
        self.normalized_shape, self.eps = shape, arguments.number(self.label(), "eps", eps, 0.0)

    def options(self) -> dict[str, object]:
        return {
            "normalized_shape": self.normalized_shape,
            "eps": self.eps,
            "elementwise_affine": self.weight is not None,
            "bias": self.bias is not None,
        }

    def validate(self, x: Tensor) -> None:
        arguments.ending(self.label(), "x", arguments.floating(self.label(), "x", x), self.normalized_shape)
        super().validate(x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias, self.normalized_shape, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)
