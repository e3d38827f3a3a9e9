"""ELU."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="ELU",
    reference=torch.nn.ELU,
    kinks=True,
    space=Space(
        options={"alpha": (1.5, 1.0, 0.0, -0.5)},
        shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), options={"alpha": 1.5}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"alpha": 1.5}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("alpha in words", "alpha", options={"alpha": "steep"}),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"alpha": 1.5}),
        Timing("large", x=(10_000_000,), options={"alpha": 1.5}),
    ),
)
