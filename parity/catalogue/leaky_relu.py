"""LeakyReLU."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.LeakyReLU,
    options={"negative_slope": (0.2, 0.01, 0.0, -0.3, 1.5)},
    refusals=(Refusal("slope in words", "negative_slope", options={"negative_slope": "steep"}),),
    kinks=True,
)
