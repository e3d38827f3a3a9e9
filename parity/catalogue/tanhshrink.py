"""Tanhshrink."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Tanhshrink",
    reference=torch.nn.Tanhshrink,
    space=Space(shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))}, plain="image"),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
    degenerate={
        "* *float16 tiny * *": "x - tanh(x) is x³ / 3, far less than what rounding leaves of x",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10)),
        Timing("large", x=(10_000_000,)),
    ),
)
