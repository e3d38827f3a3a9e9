"""GELU."""

import torch

from parity.catalogue.page import Case, Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.GELU,
    cases=(Case("by-tanh", x=(5, 8, 9, 10), options={"approximate": "tanh"}, widely=True),),
    refusals=(Refusal("unknown approximation", "approximate", options={"approximate": "sinh"}),),
    degenerate={
        "* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart, and the formula rounds four times",
        "by-tanh *float16 offset 1.0 dx": "at 100 x^3 multiplies what rounding leaves of 1 - tanh^2",
    },
)
