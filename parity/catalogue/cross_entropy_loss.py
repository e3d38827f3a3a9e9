"""CrossEntropyLoss, of class indices and of probabilities."""

import torch

from parity.catalogue.losses import DEGENERATE
from parity.catalogue.page import Case, Page, Refusal, Timing

PAGE = Page(
    module="CrossEntropyLoss",
    reference=torch.nn.CrossEntropyLoss,
    cases=(
        Case("mean", x=(6, 5), options={"reduction": "mean"}, target="classes", widely=True),
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="classes", widely=True),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="classes", widely=True),
        Case("probabilities-mean", x=(6, 5), options={"reduction": "mean"}, target="probabilities", widely=True),
        Case("probabilities-none", x=(6, 5), options={"reduction": "none"}, target="probabilities"),
        Case("probabilities-sum", x=(6, 5), options={"reduction": "sum"}, target="probabilities"),
        Case("weights", x=(6, 5), target="weights", widely=True),
        Case("default", x=(4, 2), target="classes"),
        Case("image", x=(2, 3, 5, 4), target="classes"),
        Case("image-probabilities", x=(2, 3, 5, 4), target="probabilities"),
        Case("image-none", x=(2, 3, 5, 4), options={"reduction": "none"}, target="classes"),
        Case("many-classes", x=(3, 5000), target="classes"),
        Case("many-samples", x=(5000, 3), target="classes"),
        Case("photographs", x=(4, 3, 32, 32), target="classes", regime="photograph"),
    ),
    refusals=(
        Refusal("class too high", "t", target=lambda t: t + 5),
        Refusal("class negative", "t", target=lambda t: t - 5),
        Refusal("too few targets", "t", target=lambda t: t[:-1]),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("no class axis", "p", x=lambda p: p[:, 0]),
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
