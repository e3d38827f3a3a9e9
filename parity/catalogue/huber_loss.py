"""HuberLoss."""

import torch

from parity.catalogue.losses import elementwise
from parity.catalogue.page import Refusal

PAGE = elementwise(
    torch.nn.HuberLoss,
    targets=("like", "hard", "one-hot"),
    options={"delta": (1.0, 0.25, 3.0)},
    refusals=(
        Refusal("delta of zero", "delta", options={"delta": 0.0}),
        Refusal("delta in words", "delta", options={"delta": "small"}),
    ),
    degenerate={"* bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them"},
)
