"""BCELoss."""

import torch

from parity.catalogue.losses import DEGENERATE
from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="BCELoss",
    reference=torch.nn.BCELoss,
    unit_input=True,
    space=Space(
        options={"reduction": ("mean", "sum", "none")},
        shapes={"x": ((6, 5), (11,), (4, 2), (3, 2, 5, 4)), "target": ("unit", "hard", "one-hot")},
        plain="mean",
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="unit", widely=True),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="unit", widely=True),
        Case("large-batch", x=(2**16 + 5, 1), target="unit", large=True),
        Case("photographs", x=(4, 3, 32, 32), target="unit", regime="photograph"),
    ),
    refusals=(
        Refusal("shapes differ", "t", target=lambda t: t[:, :1]),
        Refusal("dtypes differ", "t", target=lambda t: t.half(), stricter=True),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("prediction above one", "p", x=lambda p: p + 1),
        Refusal("prediction below zero", "p", x=lambda p: p - 1),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
    ),
    degenerate={
        **DEGENERATE,
        "* bfloat16 offset 1.0 dx": "probabilities near 1 are 2^-8 apart, and the derivative divides by 1 - p",
        "* special 1.0 output": "log(1 - p) at p = 1 jumps from -100 by the least change of p",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), target="unit"),
        Timing("large", x=(1_000_000,), target="unit"),
    ),
)
