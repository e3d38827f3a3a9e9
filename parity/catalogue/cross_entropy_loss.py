"""CrossEntropyLoss, of class indices and of probabilities."""

import torch

from parity.catalogue.constants import TakesNumbers, numbers
from parity.catalogue.losses import DEGENERATE, WEIGHTS
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class CrossEntropyOfNumbers(TakesNumbers, torch.nn.CrossEntropyLoss):
    """torch's, with numbers for the weight."""


PAGE = Page(
    module="CrossEntropyLoss",
    reference=CrossEntropyOfNumbers,
    space=Space(
        options={
            "reduction": ("mean", "sum", "none"),
            "weight": (None, WEIGHTS),
            "ignore_index": (-100, -1),
            "label_smoothing": (0.0, 0.125, 1.0),
        },
        shapes={
            "x": ((6, 5), (5,), (2, 5, 4), (2, 5, 3, 4)),
            "target": ("classes", "ignored-classes", "probabilities", "weights"),
        },
        plain="mean",
        everything={"weight": WEIGHTS, "label_smoothing": 0.125, "target": "ignored-classes"},
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="classes"),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="classes", widely=True),
        Case("probabilities-mean", x=(6, 5), options={"reduction": "mean"}, target="probabilities", widely=True),
        Case("probabilities-none", x=(6, 5), options={"reduction": "none"}, target="probabilities"),
        Case("weights", x=(6, 5), target="weights"),
        Case("weighed, none", (6, 5), {"weight": WEIGHTS, "reduction": "none"}, "ignored-classes", widely=True),
        Case("smoothed, probabilities", (6, 5), {"label_smoothing": 0.25}, "probabilities", widely=True),
        Case("class ignored", x=(4, 5, 3), options={"ignore_index": 2}, target="classes"),
        Case("two classes", x=(4, 2), options={"weight": numbers(0.25, 3.0)}, target="classes"),
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
        Refusal("weight of too few classes", "weight", options={"weight": torch.ones(3)}),
        Refusal("weight of two axes", "weight", options={"weight": torch.ones(5, 1)}),
        Refusal("weight of integers", "weight", options={"weight": torch.ones(5).long()}),
        Refusal("smoothing above one", "label_smoothing", options={"label_smoothing": 1.5}),
        Refusal("negative smoothing", "label_smoothing", options={"label_smoothing": -0.5}, stricter=True),
        Refusal("ignore_index in words", "ignore_index", options={"ignore_index": "none"}),
        Refusal("size_average", "size_average", options={"size_average": True}, stricter=True),
        Refusal("reduce", "reduce", options={"reduce": True}, stricter=True),
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
