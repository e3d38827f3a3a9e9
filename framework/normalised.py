"""Normalisation over a set of axes, and the way back: what the layers that normalise share, whatever their axes.

Shapes    x, xhat, g, dx  (*);  rstd  as x, with extent 1 along axes;  of_g, of_gx  likewise
Forward   xhat = (x - mean x) rstd,  rstd = 1 / √(mean (x - mean x)² + eps);  not centred: xhat = x rstd
Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = dL/dxhat;  not centred: without mean g
Source    Ioffe & Szegedy 2015, "Batch normalization", algorithm 1; all means are along axes.
"""

from math import prod

import torch
from torch import Tensor


def forward(x: Tensor, axes: tuple[int, ...], eps: float, centred: bool = True) -> tuple[Tensor, Tensor]:
    """Return xhat and rstd. The mean is taken off before anything is squared, so that an offset costs no digits."""
    off = x - x.mean(axes, keepdim=True) if centred else x
    rstd = mean_square(off, axes).add_(eps).rsqrt_()
    return (off.mul_(rstd) if centred else off * rstd), rstd


def mean_square(off: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return the mean of squares; of what is off its mean, the variance."""
    squares: Tensor = torch.linalg.vector_norm(off, dim=axes, keepdim=True).square_()
    return squares.div_(prod([off.shape[axis] for axis in axes]))


def backward(g: Tensor, xhat: Tensor, rstd: Tensor, axes: tuple[int, ...], centred: bool = True) -> Tensor:
    """Return dx."""
    of_g = g.mean(axes, keepdim=True) if centred else None
    return assembled(g, xhat, rstd, (g * xhat).mean(axes, keepdim=True), of_g)


def assembled(g: Tensor, xhat: Tensor, rstd: Tensor, of_gx: Tensor, of_g: Tensor | None) -> Tensor:
    """Return dx from the means of g xhat and of g, for layers that have them from their other gradients."""
    dx = torch.addcmul(g, xhat, of_gx, value=-1)
    return (dx if of_g is None else dx.sub_(of_g)).mul_(rstd)


def shifted(xhat: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return weight xhat + bias, each where there is one."""
    if weight is None:
        return xhat
    return xhat * weight if bias is None else torch.addcmul(bias, xhat, weight)
