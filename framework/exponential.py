"""Exponential and hyperbolic tangent, on processors in float32 by what torch has faster: four times, and twice."""

from math import log

import torch
from torch import Tensor

LOG2_E = 1 / log(2)
MANY = 2**12  # elements, of which one slow step takes as long as several that are fast
FLAT = -20.0  # below, tanh is -1 in float32


def exp(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return e^x as a power of two, whose exponent is rounded: as if x were, by a little more."""
    return torch.mul(x, LOG2_E, out=out).exp2_() if takes_steps(x) else torch.exp(x, out=out)


def exp_(x: Tensor, scale: float = 1.0) -> Tensor:
    """Write e^(scale x) over x."""
    if takes_steps(x):
        return x.mul_(scale * LOG2_E).exp2_()
    return (x if scale == 1 else x.mul_(scale)).exp_()


def tanh(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return tanh x = -e / (e + 2), e = exp(-2x) - 1."""
    if not takes_steps(x):
        return torch.tanh(x, out=out)
    e = torch.clamp_min(x, FLAT, out=out).mul_(-2).expm1_()
    return torch.div(e, torch.rsub(e, -2), out=e)


def takes_steps(x: Tensor) -> bool:
    """Return whether several fast steps take the place of a slow one."""
    return x.dtype == torch.float32 and x.numel() >= MANY and not x.is_cuda and not torch.compiler.is_compiling()
