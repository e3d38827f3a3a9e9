"""Softmax."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="Softmax",
    reference=torch.nn.Softmax,
    cases=(
        Case("rows", x=(60, 5), options={"dim": 1}, widely=True),
        Case("channels", x=(5, 4, 8, 9), options={"dim": 1}, widely=True),
        Case("first-axis", x=(6, 5), options={"dim": 0}),
        Case("last-axis", x=(2, 3, 4, 5), options={"dim": -1}),
        Case("one-class", x=(6, 1), options={"dim": 1}),
        Case("many-classes", x=(3, 5000), options={"dim": 1}),
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
        "one-class * dx": "softmax of one class is constant",
        "* *float16 huge 1.0 dx": "every row is all but one-hot, where the derivative vanishes",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"dim": 1}),
        Timing("large", x=(10_000, 1000), options={"dim": 1}),
    ),
)
