"""L1Loss."""

import torch

from parity.catalogue.losses import elementwise

PAGE = elementwise(
    torch.nn.L1Loss,
    targets=("like", "hard", "one-hot"),
    kinks=True,
    degenerate={"* bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them"},
)
