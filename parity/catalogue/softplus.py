"""Softplus."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Softplus,
    options={"beta": (2.0, 1.0, 0.5, -1.0), "threshold": (20.0, 3.0)},
    refusals=(
        Refusal("beta of zero", "beta", options={"beta": 0.0}, stricter=True),
        Refusal("threshold in words", "threshold", options={"threshold": "high"}),
    ),
)
