"""Normalisation of the last axes by their root mean square."""

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


def forward(x: Tensor, weight: Tensor | None, shape: tuple[int, ...], eps: float | None) -> tuple[Tensor, Saved]:
    rows = wide(x).reshape(-1, prod(shape))
    least = torch.finfo(rows.dtype).eps if eps is None else eps
    xhat, rstd = normalised.forward(rows, (1,), least, centred=False)
    y = normalised.shifted(xhat, None if weight is None else wide(weight).flatten(), None)
    return y.reshape(x.shape).to(x.dtype), ((xhat, rstd) if weight is None else (xhat, rstd, weight))


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
    xhat, rstd, *affine = saved
    drows = wide(dy).reshape(xhat.shape)
    dx = torch.empty_like(xhat)
    if not affine:
        for d, own, r, out in blocks.cut(drows, xhat, rstd, dx):
            normalised.backward(d, own, r, (1,), centred=False, out=out)
        return (dx.reshape(dy.shape).to(dy.dtype),)
    weight, sums = wide(affine[0]).reshape(-1, 1), []  # (D, 1)
    for d, own, r, out in blocks.cut(drows, xhat, rstd, dx):
        products = d * own
        of_gx = products.mm(weight).div_(len(weight))  # (M, 1)
        normalised.assembled(torch.mul(d, weight.t(), out=out), own, r, of_gx, None, out)
        sums.append(products.sum(0))
    return dx.reshape(dy.shape).to(dy.dtype), reduce(torch.add, sums).reshape(affine[0].shape)


class RMSNorm(Normalisation):
    """Give every sample mean square 1 over its last axes, then scale every place.

    Shapes    x, dx, y, dy  (*, D1, ..., Dk), with (D1, ..., Dk) = normalized_shape
              weight        (D1, ..., Dk), or None
    Forward   y = weight xhat;  xhat = x rstd,  rstd = 1 / √(mean x² + eps);  without eps, the machine epsilon of the
              format that is computed in, float32 for one of 16 bits
    Backward  dx = rstd (g - xhat mean(g xhat)),  g = weight dy
              dweight = Σ dy xhat over all axes but the last k; the means are over the last k
    Source    Zhang & Sennrich 2019, "Root mean square layer normalization", eq. 4; torch.nn.RMSNorm.
    Raises    ValueError if the last extents of x are not normalized_shape, or an option is out of range; TypeError if
              its dtype is not that of weight, or an option is of another type.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        shape = arguments.listed(self.label(), "normalized_shape", normalized_shape, 1)
        affine = arguments.boolean(self.label(), "elementwise_affine", elementwise_affine)
        super().__init__(shape, affine, False, device, dtype)
        self.normalized_shape = shape
        self.eps = None if eps is None else arguments.number(self.label(), "eps", eps, 0.0)

    def options(self) -> dict[str, object]:
        return {
            "normalized_shape": self.normalized_shape,
            "eps": self.eps,
            "elementwise_affine": self.weight is not None,
        }

    def validate(self, x: Tensor) -> None:
        arguments.ending(self.label(), "x", arguments.floating(self.label(), "x", x), self.normalized_shape)
        super().validate(x)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.normalized_shape, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)
