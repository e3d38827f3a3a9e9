"""ReflectionPad2d."""

import torch

from parity.catalogue.borders import border
from parity.catalogue.page import Case, Refusal

PAGE = border(
    torch.nn.ReflectionPad2d,
    cases=(Case("all-but-one", x=(2, 3, 4, 3), options={"padding": (2, 2, 3, 3)}),),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("mirror too small", "x", x=lambda x: x[..., :2]),
        Refusal("below zero", "padding", options={"padding": (-1, 0, 0, 0)}, stricter=True),
    ),
)
