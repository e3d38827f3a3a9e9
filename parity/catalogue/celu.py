"""CELU."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.CELU,
    options={"alpha": (1.5, 1.0, 0.25)},
    refusals=(Refusal("alpha of zero", "alpha", options={"alpha": 0.0}),),
)
