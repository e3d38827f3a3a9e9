"""BatchNorm1d."""

import torch

from parity.catalogue.batch_normalisation import options, page
from parity.catalogue.page import Case, Timing

PAGE = page(
    torch.nn.BatchNorm1d,
    images=((), (7,)),
    cases=(
        Case("two-samples", x=(2, 4), options=options(4)),
        Case("large-batch", x=(2**16 + 1, 2), options=options(2), large=True),
        Case("photographs", x=(4, 3, 1024), options=options(3), regime="photograph"),
    ),
    bad={"no batch": lambda x: x[0], "one value a channel": lambda x: x[:1]},
    timings=(
        Timing("papers", x=(100, 30), options=options(30)),
        Timing("wide", x=(256, 1024), options=options(1024)),
    ),
)
