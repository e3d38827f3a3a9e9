"""GELU."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="GELU",
    reference=torch.nn.GELU,
    space=Space(shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))}, plain="image"),
    cases=(
        Case("by-tanh", x=(5, 8, 9, 10), options={"approximate": "tanh"}, widely=True),
        Case("large-batch", x=(2**16 + 5, 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("unknown approximation", "approximate", options={"approximate": "sinh"}),
    ),
    degenerate={
        "* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart, and the formula rounds four times",
        "by-tanh *float16 offset 1.0 dx": "at 100 x^3 multiplies what rounding leaves of 1 - tanh^2",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10)),
        Timing("large", x=(10_000_000,)),
    ),
)
