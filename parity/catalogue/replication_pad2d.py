"""ReplicationPad2d."""

import torch

from parity.catalogue.borders import border
from parity.catalogue.page import Case, Refusal

PAGE = border(
    torch.nn.ReplicationPad2d,
    paddings=(7,),
    cases=(Case("one-pixel", x=(2, 3, 1, 1), options={"padding": (2, 1, 3, 0)}),),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("below zero", "padding", options={"padding": (-1, 0, 0, 0)}, stricter=True),
    ),
)
