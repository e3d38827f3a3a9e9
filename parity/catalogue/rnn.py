"""RNN."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.recurrent import PLAIN, SATURATED, recurrent

PAGE = recurrent(
    torch.nn.RNN,
    options={"nonlinearity": ("tanh", "relu")},
    refusals=(Refusal("another squashing", "nonlinearity", options=PLAIN | {"nonlinearity": "sine"}),),
    degenerate={"* offset 1.0 d*": SATURATED, "* huge 1.0 d[hw]*": SATURATED},
)
