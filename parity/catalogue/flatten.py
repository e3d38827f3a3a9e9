"""Flatten."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="Flatten",
    reference=torch.nn.Flatten,
    multilinear=True,
    cases=(
        Case("image", x=(3, 4, 5, 6), widely=True),
        Case("matrix", x=(7, 5)),
        Case("middle", x=(3, 4, 5, 6), options={"start_dim": 1, "end_dim": 2}),
        Case("all", x=(3, 4, 5), options={"start_dim": 0, "end_dim": -1}),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("axis too high", "end_dim", options={"start_dim": 1, "end_dim": 9}),
        Refusal("axis in words", "start_dim", options={"start_dim": "first"}),
    ),
    timings=(Timing("papers", x=(100, 3, 10, 10)),),
)
