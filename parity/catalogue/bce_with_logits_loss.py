"""BCEWithLogitsLoss."""

import torch

from parity.catalogue.losses import DEGENERATE
from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="BCEWithLogitsLoss",
    reference=torch.nn.BCEWithLogitsLoss,
    space=Space(
        options={"reduction": ("mean", "sum", "none")},
        shapes={"x": ((6, 5), (11,), (4, 2), (3, 2, 5, 4)), "target": ("unit", "hard", "one-hot")},
        plain="mean",
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="unit", widely=True),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="unit", widely=True),
        Case("large-batch", x=(2**16 + 5, 1), target="unit", large=True),
        Case("hard-and-far", x=(6, 5), target="hard", regime="huge"),
        Case("photographs", x=(4, 3, 32, 32), target="unit", regime="photograph"),
    ),
    refusals=(
        Refusal("shapes differ", "t", target=lambda t: t[:, :1]),
        Refusal("dtypes differ", "t", target=lambda t: t.half(), stricter=True),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
    ),
    degenerate=DEGENERATE,
    timings=(
        Timing("papers", x=(100, 3, 10, 10), target="unit"),
        Timing("large", x=(1_000_000,), target="unit"),
    ),
)
