"""Flatten."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Flatten",
    reference=torch.nn.Flatten,
    multilinear=True,
    space=Space(
        options={"start_dim": (1, 0, 2, -2), "end_dim": (-1, 1, 2, -2)},
        shapes={"x": ((3, 4, 5, 6), (7, 5), (3, 4, 5))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 1, 2, 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("axis too high", "end_dim", options={"start_dim": 1, "end_dim": 9}),
        Refusal("axis in words", "start_dim", options={"start_dim": "first"}),
    ),
    degenerate={"* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"},
    timings=(Timing("papers", x=(100, 3, 10, 10)),),
)
