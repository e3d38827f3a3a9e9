"""LeakyReLU."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="LeakyReLU",
    reference=torch.nn.LeakyReLU,
    kinks=True,
    space=Space(
        options={"negative_slope": (0.2, 0.01, 0.0, -0.3, 1.5)},
        shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), options={"negative_slope": 0.2}, large=True),
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
