"""The exponential, by powers of two where torch has those faster: on processors in float32, by a factor of four."""

from math import log

import torch
from torch import Tensor

LOG2_E = 1 / log(2)
MANY = 2**12  # elements, of which one slow step takes as long as two that are fast


def exp(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return e^x."""
    return torch.mul(x, LOG2_E, out=out).exp2_() if by_two(x) else torch.exp(x, out=out)


def exp_(x: Tensor, scale: float = 1.0) -> Tensor:
    """Write e^(scale x) over x."""
    if by_two(x):
        return x.mul_(scale * LOG2_E).exp2_()
    return (x if scale == 1 else x.mul_(scale)).exp_()


def by_two(x: Tensor) -> bool:
    """Return whether powers of two are the way: their exponent is rounded, which is as if x were, by a little more."""
    return x.dtype == torch.float32 and x.numel() >= MANY and not x.is_cuda
