"""Tanhshrink."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Tanhshrink,
    takes_integers=True,
    degenerate={"* *float16 tiny * *": "x^3 / 3 and x^2 are far less than what rounding leaves of x and of 1"},
)
