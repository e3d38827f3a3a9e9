"""BatchNorm2d."""

import torch

from parity.catalogue.batch_normalisation import options, page
from parity.catalogue.page import Case, Timing

PAGE = page(
    torch.nn.BatchNorm2d,
    images=((4, 6), (6, 4), (5, 5)),
    cases=(
        Case("two-values", x=(1, 4, 1, 2), options=options(4)),
        Case("large-batch", x=(2**14 + 1, 1, 2, 3), options=options(1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(3), regime="photograph"),
    ),
    bad={"no batch": lambda x: x[0], "one value a channel": lambda x: x[:1, :, :1, :1]},
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=options(3)),
        Timing("images", x=(16, 64, 56, 56), options=options(64)),
    ),
)
