"""LSTM."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.recurrent import PLAIN, recurrent

PAGE = recurrent(
    torch.nn.LSTM,
    states=("h0", "c0"),
    refusals=(
        Refusal("a projection", "proj_size", options=PLAIN | {"proj_size": 3}, stricter=True),
        Refusal("projection in words", "proj_size", options=PLAIN | {"proj_size": "narrow"}),
    ),
)
