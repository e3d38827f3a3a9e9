"""ZeroPad2d."""

import torch

from parity.catalogue.borders import border
from parity.catalogue.page import Case, Refusal

PAGE = border(
    torch.nn.ZeroPad2d,
    paddings=(-1, (-1, 2, 0, -2), 7),
    cases=(
        Case("rows-and-columns-alone", x=(5, 4), options={"padding": (1, 2, 0, 3)}),
        Case("five-axes", x=(2, 3, 2, 4, 5), options={"padding": (1, 2, 0, 3)}),
    ),
    refusals=(Refusal("all cut off", "x", options={"padding": -4}),),
)
