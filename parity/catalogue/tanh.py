"""Tanh."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Tanh, takes_integers=True, degenerate={"* offset 1.0 dx": "the derivative at 100 is below 1e-86"}
)
