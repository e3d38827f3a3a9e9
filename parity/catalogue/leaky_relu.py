"""LeakyReLU."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="LeakyReLU",
    reference=torch.nn.LeakyReLU,
    kinks=True,
    cases=(
        Case("image", x=(5, 8, 9, 10), options={"negative_slope": 0.2}, widely=True),
        Case("matrix", x=(7, 5), options={"negative_slope": 0.2}),
        Case("default", x=(7, 5)),
        Case("vector", x=(11,), options={"negative_slope": 0.2}),
        Case("many", x=(50, 40, 30), options={"negative_slope": 0.2}),
        Case("photographs", x=(4, 3, 32, 32), options={"negative_slope": 0.2}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("slope in words", "negative_slope", options={"negative_slope": "steep"}),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"negative_slope": 0.2}),
        Timing("large", x=(10_000_000,), options={"negative_slope": 0.2}),
    ),
)
