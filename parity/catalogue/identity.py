"""Identity."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Identity",
    reference=torch.nn.Identity,
    multilinear=True,
    space=Space(shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))}, plain="image"),
    cases=(
        Case("arguments", x=(3, 4), options={"in_features": 4, "bias": False}),
        Case("large-batch", x=(2**16 + 5, 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist(), stricter=True),
    ),
    degenerate={"* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"},
    timings=(Timing("papers", x=(100, 3, 10, 10)), Timing("large", x=(10_000_000,))),
)
