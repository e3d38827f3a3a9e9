"""GLU."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="GLU",
    reference=torch.nn.GLU,
    space=Space(
        options={"dim": (1, -1, 0, 2)},
        shapes={"x": ((6, 8, 4, 10), (4, 6), (12,), (2, 4, 6))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 2), options={"dim": 1}, large=True),
        Case("photographs", x=(4, 2, 32, 32), options={"dim": 1}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("odd axis", "halves", x=lambda x: x[:, :5]),
        Refusal("axis too high", "dim", options={"dim": 7}),
        Refusal("axis in words", "dim", options={"dim": "channels"}),
    ),
    timings=(
        Timing("papers", x=(100, 4, 10, 10), options={"dim": 1}),
        Timing("large", x=(10_000, 1000), options={"dim": 1}),
    ),
)
