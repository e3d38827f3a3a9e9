"""HingeEmbeddingLoss."""

import torch

from parity.catalogue.losses import elementwise
from parity.catalogue.page import Refusal

PAGE = elementwise(
    torch.nn.HingeEmbeddingLoss,
    targets=("signs",),
    options={"margin": (1.0, 0.25, 3.0, -0.5)},
    kinks=True,
    refusals=(
        Refusal("target of zero", "t", target=lambda t: t * 0, stricter=True),
        Refusal("margin in words", "margin", options={"margin": "wide"}),
    ),
)
