"""ReLU."""

import torch

from parity.catalogue.pointwise import pointwise

PAGE = pointwise(torch.nn.ReLU, takes_integers=True, kinks=True)
