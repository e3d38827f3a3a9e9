"""Hardswish."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(torch.nn.Hardswish, kinks=True)
