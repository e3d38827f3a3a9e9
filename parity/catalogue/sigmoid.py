"""Sigmoid."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="Sigmoid",
    reference=torch.nn.Sigmoid,
    cases=(
        Case("image", x=(5, 8, 9, 10), widely=True),
        Case("matrix", x=(7, 5)),
        Case("vector", x=(11,)),
        Case("many", x=(50, 40, 30)),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
    degenerate={
        "* offset 1.0 dx": "the derivative at 100 is 4e-44",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10)),
        Timing("large", x=(10_000_000,)),
    ),
)
