"""LogSigmoid."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.LogSigmoid,
    degenerate={"* float32 offset * *": "near 100 it vanishes", "* *float16 offset * *": "near 100 it vanishes"},
)
