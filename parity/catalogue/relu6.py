"""ReLU6."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.ReLU6, takes_integers=True, kinks=True, degenerate={"* * offset * dx": "near 100 it is constant"}
)
