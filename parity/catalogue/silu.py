"""SiLU."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.SiLU, degenerate={"* bfloat16 offset * dx": "at 100 x multiplies what rounding leaves of 1 - s"}
)
