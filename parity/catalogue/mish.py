"""Mish."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Mish, degenerate={"* bfloat16 offset * dx": "at 100 x multiplies what rounding leaves of 1 - t"}
)
