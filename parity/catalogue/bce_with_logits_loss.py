"""BCEWithLogitsLoss."""

import torch

from parity.catalogue.constants import TakesNumbers, numbers
from parity.catalogue.losses import DEGENERATE, WEIGHTS
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class BCEWithLogitsOfNumbers(TakesNumbers, torch.nn.BCEWithLogitsLoss):
    """torch's, with numbers for what it weighs by."""


PAGE = Page(
    module="BCEWithLogitsLoss",
    reference=BCEWithLogitsOfNumbers,
    space=Space(
        options={"reduction": ("mean", "sum", "none"), "weight": (None, WEIGHTS), "pos_weight": (None, WEIGHTS)},
        shapes={"x": ((6, 5), (5,), (3, 2, 4, 5)), "target": ("unit", "hard", "one-hot")},
        plain="mean",
        everything={"weight": WEIGHTS, "pos_weight": WEIGHTS},
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="unit"),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="unit", widely=True),
        Case("weighed, none", (6, 5), {"pos_weight": WEIGHTS, "reduction": "none"}, "unit", widely=True),
        Case("one weight of all", x=(4, 2), options={"pos_weight": numbers(3.0)}, target="hard"),
        Case("one axis", x=(11,), target="unit"),
        Case("large-batch", x=(2**16 + 5, 1), target="unit", large=True),
        Case("hard-and-far", x=(6, 5), target="hard", regime="huge"),
        Case("photographs", x=(4, 3, 32, 32), target="unit", regime="photograph"),
    ),
    refusals=(
        Refusal("shapes differ", "t", target=lambda t: t[:, :1]),
        Refusal("dtypes differ", "t", target=lambda t: t.half(), stricter=True),
        Refusal("integers", "p", x=lambda p: p.long()),
        Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
        Refusal("pos_weight of too few", "pos_weight", options={"pos_weight": torch.ones(3)}),
        Refusal("pos_weight beyond p", "pos_weight", options={"pos_weight": torch.ones(2, 6, 5)}, stricter=True),
        Refusal("weight of too few", "weight", options={"weight": torch.ones(3)}),
    ),
    degenerate=DEGENERATE,
    timings=(
        Timing("papers", x=(100, 3, 10, 10), target="unit"),
        Timing("large", x=(1_000_000,), target="unit"),
    ),
)
