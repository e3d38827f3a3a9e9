"""SmoothL1Loss."""

import torch

from parity.catalogue.losses import elementwise
from parity.catalogue.page import Refusal

PAGE = elementwise(
    torch.nn.SmoothL1Loss,
    targets=("like", "hard", "one-hot"),
    options={"beta": (1.0, 0.25, 3.0, 0.0)},
    kinks=True,
    refusals=(
        Refusal("negative beta", "beta", options={"beta": -1.0}),
        Refusal("beta in words", "beta", options={"beta": "small"}),
    ),
    degenerate={"* bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them"},
)
