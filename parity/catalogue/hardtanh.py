"""Hardtanh."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Hardtanh",
    reference=torch.nn.Hardtanh,
    kinks=True,
    space=Space(
        options={"min_val": (-1.0, -0.75, 0.0), "max_val": (2.0, 1.0)},
        shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), options={"max_val": 2.0}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"max_val": 2.0}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("bounds exchanged", "max_val", options={"min_val": 1.0, "max_val": -1.0}),
    ),
    degenerate={
        "* * offset * dx": "near 100 it is constant",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"max_val": 2.0}),
        Timing("large", x=(10_000_000,), options={"max_val": 2.0}),
    ),
)
