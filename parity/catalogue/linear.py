"""Linear."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Linear",
    reference=torch.nn.Linear,
    multilinear=True,
    space=Space(
        options={"bias": (True, False)},
        besides={"in_features": (7, 1, 4, 24), "out_features": (4, 1, 7, 24)},
        shapes={"axes": ((5,), (), (2, 3), (2, 3, 4))},
        x=lambda values: (*values["axes"], values["in_features"]),
        together=({"bias": False, "in_features": 4},),
    ),
    cases=(
        Case("long-sum", x=(3, 4096), options={"in_features": 4096, "out_features": 2}),
        Case("large-batch", x=(2**16 + 1, 2), options={"in_features": 2, "out_features": 3}, large=True),
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
