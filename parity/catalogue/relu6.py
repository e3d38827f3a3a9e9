"""ReLU6."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="ReLU6",
    reference=torch.nn.ReLU6,
    kinks=True,
    space=Space(shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))}, plain="image"),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
    degenerate={
        "* * offset * dx": "near 100 it is constant",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10)),
        Timing("large", x=(10_000_000,)),
    ),
)
