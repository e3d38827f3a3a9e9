"""Normalisation over a set of axes, and the way back: what the layers that normalise share, whatever their axes.

Shapes    x, xhat, g, dx  (*);  rstd  as x, with extent 1 along axes;  of_g, of_gx  likewise
Forward   xhat = (x - mean x) rstd,  rstd = 1 / √(mean (x - mean x)² + eps);  not centred: xhat = x rstd
Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = dL/dxhat;  not centred: without mean g
Source    Ioffe & Szegedy 2015, "Batch normalization", algorithm 1; all means are along axes.
"""

from functools import cache
from math import prod

import torch
from torch import Tensor

Axes = tuple[int, ...]


def forward(x: Tensor, axes: Axes, eps: float, centred: bool = True) -> tuple[Tensor, Tensor]:
    """Return xhat and rstd. The mean is taken off before anything is squared, so that an offset costs no digits."""
    off = x - mean(x, axes) if centred else x
    rstd = mean_square(off, axes).add_(eps).rsqrt_()
    return (off.mul_(rstd) if centred else off * rstd), rstd


@cache
def parted(axes: Axes, dim: int) -> tuple[Axes, Axes]:
    """Return which of the axes are the last ones, and the others: neighbours in memory are added first, and fast."""
    over = {axis % dim for axis in axes}
    first = next(axis for axis in range(dim, -1, -1) if axis - 1 not in over)
    return tuple(range(first, dim)), tuple(sorted(over - set(range(first, dim))))


def mean(x: Tensor, axes: Axes) -> Tensor:
    last, others = parted(axes, x.dim())
    inner = x.mean(last, keepdim=True) if last else x
    return inner.mean(others, keepdim=True) if others else inner


def mean_square(off: Tensor, axes: Axes) -> Tensor:
    """Return the mean of squares; of what is off its mean, the variance."""
    last, others = parted(axes, off.dim())
    squares: Tensor = torch.linalg.vector_norm(off, dim=last, keepdim=True).square_() if last else off.square()
    total = squares.sum(others, keepdim=True) if others else squares
    return total.div_(prod([off.shape[axis] for axis in axes]))


def total(x: Tensor, axes: Axes) -> Tensor:
    """Return the sum along axes, which are kept."""
    last, others = parted(axes, x.dim())
    inner = x.sum(last, keepdim=True) if last else x
    return inner.sum(others, keepdim=True) if others else inner


def backward(
    g: Tensor, xhat: Tensor, rstd: Tensor, axes: Axes, centred: bool = True, out: Tensor | None = None
) -> Tensor:
    """Return dx."""
    of_g = mean(g, axes) if centred else None
    return assembled(g, xhat, rstd, mean(g * xhat, axes), of_g, out)


def assembled(
    g: Tensor, xhat: Tensor, rstd: Tensor, of_gx: Tensor, of_g: Tensor | None, out: Tensor | None = None
) -> Tensor:
    """Return dx from the means of g xhat and of g, for layers that have them from their other gradients."""
    dx = torch.addcmul(g, xhat, of_gx, value=-1, out=out)
    return (dx if of_g is None else dx.sub_(of_g)).mul_(rstd)


def shifted(xhat: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return weight xhat + bias, each where there is one."""
    if weight is None:
        return xhat
    if bias is None:
        return xhat * weight
    if weight.shape[-1] == 1:  # torch.addcmul is slow where weight and bias are the same for neighbours
        return (xhat * weight).add_(bias)
    return torch.addcmul(bias, xhat, weight)
