"""ELU."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.ELU,
    options={"alpha": (1.5, 1.0, 0.0, -0.5)},
    refusals=(Refusal("alpha in words", "alpha", options={"alpha": "steep"}),),
    kinks=True,
)
