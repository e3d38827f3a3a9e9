"""MSELoss."""

import torch

from parity.catalogue.losses import DEGENERATE
from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="MSELoss",
    reference=torch.nn.MSELoss,
    space=Space(
        options={"reduction": ("mean", "sum", "none")},
        shapes={"x": ((6, 5), (11,), (4, 2), (3, 2, 5, 4)), "target": ("like", "hard", "one-hot")},
        plain="mean",
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="like"),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="like", widely=True),
        Case("large-batch", x=(2**16 + 5, 1), target="like", large=True),
        Case("photographs", x=(4, 3, 32, 32), target="like", regime="photograph"),
    ),
    refusals=(
        Refusal("shapes differ", "t", target=lambda t: t[:, :1], stricter=True),  # torch.nn warns, and broadcasts
        Refusal("dtypes differ", "t", target=lambda t: t.half(), stricter=True),
        Refusal("integers", "p", x=lambda p: p.long(), stricter=True),
        Refusal("not a tensor", "p", x=lambda p: p.tolist()),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
    ),
    degenerate={
        **DEGENERATE,
        "* bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), target="like"),
        Timing("large", x=(1_000_000,), target="like"),
    ),
)
