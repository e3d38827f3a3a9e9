"""GRU."""

import torch

from parity.catalogue.recurrent import recurrent

PAGE = recurrent(torch.nn.GRU)
