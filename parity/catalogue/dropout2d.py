"""Dropout2d."""

import torch

from parity.catalogue.dropping import CHANNELS, page
from parity.catalogue.page import Case, Refusal, Timing

PAGE = page(
    torch.nn.Dropout2d,
    CHANNELS,
    shapes=((6, 11, 5, 4), (9, 8, 1, 1), (3, 20, 2, 3)),
    cases=(Case("large-batch", x=(2**8 + 1, 2**8, 1, 1), large=True),),
    refusals=(Refusal("no image", "x", x=lambda x: x[0, 0], stricter=True),),
    timings=(Timing("papers", x=(20, 16, 8, 8)), Timing("images", x=(32, 64, 28, 28))),
)
