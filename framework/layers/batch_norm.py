"""The formula of batch normalisation: of every channel over a batch, or by statistics that are given."""

from functools import reduce

import torch
from torch import Tensor

from framework import blocks, normalised
from framework.module import Saved
from framework.precision import narrow, wide


def axes(x: Tensor) -> tuple[int, ...]:
    """Return all axes but that of the channels."""
    return (0, *range(2, x.dim()))


def spread(value: Tensor, x: Tensor) -> Tensor:
    """Return a value a channel, in the format that is computed in, so that it broadcasts over x."""
    return wide(value) if x.dim() == 2 else wide(value).reshape(-1, *[1] * (x.dim() - 2))


def scaled(xhat: Tensor, weight: Tensor | None, bias: Tensor | None, x: Tensor) -> Tensor:
    """Return y, in the format of x."""
    w, b = (None if value is None else spread(value, x) for value in (weight, bias))
    return narrow(normalised.shifted(xhat, w, b), x.dtype)


def forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Saved, tuple[Tensor, Tensor]]:
    """Return y, what backward reads, and mean and variance, by the statistics of x itself."""
    values = wide(x)
    mean = normalised.mean(values, axes(x))
    off = values - mean
    variance = normalised.mean_square(off, axes(x))
    rstd = (variance + eps).rsqrt_()
    xhat = off.mul_(rstd)
    y = scaled(xhat, weight, bias, x)
    saved = (xhat, rstd) if weight is None else (xhat, rstd, weight)
    return y, saved, (mean.flatten(), variance.flatten())


def forward_by(
    x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Saved]:
    """Return y and what backward reads, by statistics that are given."""
    rstd = (spread(variance, x) + eps).rsqrt_()
    xhat = (wide(x) - spread(mean, x)).mul_(rstd)
    y = scaled(xhat, weight, bias, x)
    return y, ((xhat, rstd) if weight is None else (xhat, rstd, weight))


def backward(dy: Tensor, saved: Saved, by_batch: bool) -> tuple[Tensor, ...]:
    """Return dx, dweight and dbias; where statistics were given, they are constants."""
    xhat, rstd, *affine = saved
    over, given, dx = axes(dy), wide(dy), torch.empty_like(xhat)
    sums = [(normalised.total(d * own, over), normalised.total(d, over)) for d, own in blocks.cut(given, xhat)]
    dweight, dbias = (reduce(torch.add, parts) for parts in zip(*sums, strict=True))
    share = dy.shape[1] / max(1, dy.numel())
    factor = rstd * spread(affine[0], dy) if affine else rstd  # of a weight that is the same for all of a mean
    for d, own, out in blocks.cut(given, xhat, dx):
        if by_batch:
            normalised.assembled(d, own, factor, dweight * share, dbias * share, out)
        else:
            torch.mul(d, factor, out=out)
    return tuple([narrow(value, dy.dtype) for value in (dx, dweight.flatten(), dbias.flatten())])
