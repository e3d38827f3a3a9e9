"""Dropout."""

import torch

from parity.catalogue.dropping import ELEMENTS, page
from parity.catalogue.page import Case, Timing

PAGE = page(
    torch.nn.Dropout,
    ELEMENTS,
    shapes=((8, 9, 10), (60,), (6, 7), (2, 3, 4, 5)),
    cases=(Case("large-batch", x=(2**16 + 99, 1), large=True),),
    timings=(Timing("papers", x=(100, 25)), Timing("large", x=(1000, 1000))),
)
