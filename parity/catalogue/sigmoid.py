"""Sigmoid."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Sigmoid, takes_integers=True, degenerate={"* offset 1.0 dx": "the derivative at 100 is 4e-44"}
)
