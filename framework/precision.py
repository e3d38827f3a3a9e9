"""The format that a layer computes in."""

import torch
from torch import Tensor


def wide(x: Tensor) -> Tensor:
    """Return x in the format that it is computed in: a format of 16 bits in float32, any other in itself."""
    return x if x.element_size() >= 4 else x.to(torch.float32)


def narrow(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Return x rounded to the format of what it was computed from."""
    return x if x.dtype == dtype else x.to(dtype)
