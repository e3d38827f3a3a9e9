"""BCELoss."""

import torch

from parity.catalogue.constants import TakesNumbers, numbers
from parity.catalogue.losses import DEGENERATE, WEIGHTS
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class BCEOfNumbers(TakesNumbers, torch.nn.BCELoss):
    """torch's, with numbers for what it weighs by."""


class ByLogarithms(BCEOfNumbers):
    """The loss as its definition has it: torch's own second derivative adds 1e-12 to p and to 1 - p, in float64 too."""

    def forward(self, p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return -w (t log p + (1 - t) log(1 - p)), reduced."""
        values = (t - 1) * (-p).log1p() - t * p.log()
        weighed = values if self.weight is None else values * self.weight
        return weighed if self.reduction == "none" else getattr(weighed, self.reduction)()


PAGE = Page(
    module="BCELoss",
    reference=BCEOfNumbers,
    truth_twice=ByLogarithms,
    unit_input=True,
    space=Space(
        options={"reduction": ("mean", "sum", "none"), "weight": (None, WEIGHTS)},
        shapes={"x": ((6, 5), (5,), (3, 2, 4, 5)), "target": ("unit", "hard", "one-hot")},
        plain="mean",
        everything={"weight": WEIGHTS},
    ),
    cases=(
        Case("sum", x=(6, 5), options={"reduction": "sum"}, target="unit"),
        Case("none", x=(6, 5), options={"reduction": "none"}, target="unit", widely=True),
        Case("weighed, none", (6, 5), {"weight": WEIGHTS, "reduction": "none"}, "unit", widely=True),
        Case("one weight of all", x=(4, 2), options={"weight": numbers(3.0)}, target="hard"),
        Case("one axis", x=(11,), target="unit"),
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
        Refusal("weight of too few", "weight", options={"weight": torch.ones(3)}),
        Refusal("weight beyond p", "weight", options={"weight": torch.ones(2, 6, 5)}, stricter=True),
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
