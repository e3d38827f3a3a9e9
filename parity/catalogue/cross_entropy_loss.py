"""CrossEntropyLoss, of class indices and of probabilities."""

import torch

from parity.catalogue.losses import DEGENERATE
from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="CrossEntropyLoss",
    reference=torch.nn.CrossEntropyLoss,
    space=Space(
        options={"reduction": ("mean", "sum", "none")},
        shapes={
            "x": ((6, 5), (5,), (4, 2), (2, 3, 4), (2, 3, 5, 4)),
            "target": ("classes", "probabilities", "weights"),
        },
        plain="mean",
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="classes", widely=True),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="classes", widely=True),
        Case("probabilities-mean", x=(6, 5), options={"reduction": "mean"}, target="probabilities", widely=True),
        Case("probabilities-none", x=(6, 5), options={"reduction": "none"}, target="probabilities"),
        Case("weights", x=(6, 5), target="weights", widely=True),
        Case("many-classes", x=(3, 5000), target="classes"),
        Case("two-classes-far-apart", x=(8, 2), target="classes", regime="huge"),
        Case("large-batch", x=(2**16 + 1, 2), target="classes", large=True),
        Case("photographs", x=(4, 3, 32, 32), target="classes", regime="photograph"),
    ),
    refusals=(
        Refusal("class too high", "t", target=lambda t: t + 5),
        Refusal("class negative", "t", target=lambda t: t - 5),
        Refusal("too few targets", "t", target=lambda t: t[:-1]),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("no class axis", "p", x=lambda p: p[0, 0]),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
    ),
    degenerate={
        **DEGENERATE,
        "* bfloat16 special 1.0 output": "the loss at logits of 1000, rounded to 4",
        "* bfloat16 offset 1.0 *": "logits near 100 are 0.5 apart, as large as the losses",
    },
    timings=(
        Timing("papers", x=(100, 2), target="classes"),
        Timing("large", x=(10_000, 1000), target="classes"),
    ),
)
