"""SELU."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(torch.nn.SELU, kinks=True)
