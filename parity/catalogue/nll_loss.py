"""NLLLoss, of class indices; what it is given need not be log-probabilities."""

import torch

from parity.catalogue.constants import TakesNumbers, numbers
from parity.catalogue.losses import DEGENERATE, WEIGHTS
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class NLLOfNumbers(TakesNumbers, torch.nn.NLLLoss):
    """torch's, with numbers for the weight."""


PAGE = Page(
    module="NLLLoss",
    reference=NLLOfNumbers,
    space=Space(
        options={"reduction": ("mean", "sum", "none"), "weight": (None, WEIGHTS), "ignore_index": (-100, -1)},
        shapes={"x": ((6, 5), (5,), (2, 5, 4), (2, 5, 3, 4)), "target": ("classes", "ignored-classes")},
        plain="mean",
        everything={"weight": WEIGHTS, "target": "ignored-classes"},
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="classes"),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="classes", widely=True),
        Case("weighed, none", (6, 5), {"weight": WEIGHTS, "reduction": "none"}, "ignored-classes", widely=True),
        Case("class ignored", x=(4, 5, 3), options={"ignore_index": 2}, target="classes"),
        Case("two classes", x=(4, 2), options={"weight": numbers(0.25, 3.0)}, target="classes"),
        Case("many-classes", x=(3, 5000), target="classes"),
        Case("large-batch", x=(2**16 + 1, 2), target="classes", large=True),
        Case("photographs", x=(4, 3, 32, 32), target="classes", regime="photograph"),
    ),
    refusals=(
        Refusal("class too high", "t", target=lambda t: t + 5),
        Refusal("class negative", "t", target=lambda t: t - 5),
        Refusal("too few targets", "t", target=lambda t: t[:-1]),
        Refusal("probabilities", "t", target=lambda t: t.float()),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("no class axis", "p", x=lambda p: p[0, 0]),
        Refusal("weight of too few classes", "weight", options={"weight": torch.ones(3)}),
        Refusal("weight of integers", "weight", options={"weight": torch.ones(5).long()}),
        Refusal("ignore_index in words", "ignore_index", options={"ignore_index": "none"}),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
    ),
    degenerate=DEGENERATE,
    timings=(
        Timing("papers", x=(100, 2), target="classes"),
        Timing("large", x=(10_000, 1000), target="classes"),
    ),
)
