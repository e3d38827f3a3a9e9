"""Linear."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="Linear",
    reference=torch.nn.Linear,
    multilinear=True,
    cases=(
        Case("plain", x=(5, 7), options={"in_features": 7, "out_features": 4}, widely=True),
        Case("no-bias", x=(5, 7), options={"in_features": 7, "out_features": 4, "bias": False}),
        Case("one-output", x=(6, 3), options={"in_features": 3, "out_features": 1}),
        Case("one-input", x=(6, 1), options={"in_features": 1, "out_features": 3}),
        Case("extra-axes", x=(2, 3, 4, 5), options={"in_features": 5, "out_features": 6}),
        Case("no-batch-axis", x=(5,), options={"in_features": 5, "out_features": 6}),
        Case("long-sum", x=(3, 4096), options={"in_features": 4096, "out_features": 2}),
        Case("large-batch", x=(3000, 6), options={"in_features": 6, "out_features": 3}),
        Case("photographs", x=(4, 3, 32, 32), options={"in_features": 32, "out_features": 5}, regime="photograph"),
    ),
    refusals=(
        Refusal("wrong features", "x", x=lambda x: x[:, :-1]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no inputs", "in_features", options={"in_features": 0, "out_features": 2}),
        Refusal("negative outputs", "out_features", options={"in_features": 7, "out_features": -1}),
        Refusal("fractional outputs", "out_features", options={"in_features": 7, "out_features": 2.5}),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"in_features": 10, "out_features": 10}),
        Timing("wide", x=(256, 1024), options={"in_features": 1024, "out_features": 4096}),
    ),
)
