"""Hardtanh."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Hardtanh,
    options={"min_val": (-1.0, -0.75, 0.0), "max_val": (2.0, 1.0)},
    refusals=(Refusal("bounds exchanged", "max_val", options={"min_val": 1.0, "max_val": -1.0}),),
    takes_integers=True,
    kinks=True,
    degenerate={"* * offset * dx": "near 100 it is constant"},
)
