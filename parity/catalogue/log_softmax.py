"""LogSoftmax."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="LogSoftmax",
    reference=torch.nn.LogSoftmax,
    space=Space(
        options={"dim": (1, 0, 2, -1, -2)},
        shapes={"x": ((60, 5), (7,), (3, 4, 5), (2, 3, 4, 5))},
        plain="rows",
    ),
    cases=(
        Case("channels", x=(5, 4, 8, 9), options={"dim": 1}, widely=True),
        Case("one-class", x=(6, 1), options={"dim": 1}),
        Case("many-classes", x=(3, 5000), options={"dim": 1}),
        Case("large-batch", x=(2**16 + 1, 2), options={"dim": 1}, large=True),
        Case("large-row", x=(2, 2**16 + 1), options={"dim": 1}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"dim": 3}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("axis too high", "dim", options={"dim": 7}),
        Refusal("axis too low", "dim", options={"dim": -8}),
        Refusal("axis in words", "dim", options={"dim": "rows"}),
    ),
    degenerate={
        "one-class* * *": "the logarithm of the one probability is 0",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"dim": 1}),
        Timing("large", x=(10_000, 1000), options={"dim": 1}),
    ),
)
