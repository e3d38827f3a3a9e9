"""Softsign."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Softsign,
    takes_integers=True,
    degenerate={"* bfloat16 offset * dx": "near 100 torch takes 1e-2 from 1e-2 and leaves 1e-4, as autograd has it"},
)
