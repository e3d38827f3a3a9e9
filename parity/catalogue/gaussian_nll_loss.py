"""GaussianNLLLoss."""

import torch

from parity.catalogue.losses import COARSE, of_several
from parity.catalogue.page import Case, Refusal
from parity.catalogue.signature import Input

PAGE = of_several(
    torch.nn.GaussianNLLLoss,
    (Input("input"), Input("target"), Input("var", drawn="weights")),
    options={"full": (False, True), "eps": (1e-6, 0.5, 0.0)},
    shapes=((6, 5), (11,), (4, 2), (3, 2, 5, 4)),
    others=lambda x: (x, x),
    timings={"papers": (100, 3, 10, 10), "large": (1_000_000,)},
    cases=(
        Case("one-variance-a-row", x=(5, 3, 4), others={"target": (5, 3, 4), "var": (5, 3)}),
        Case("one-variance-a-column", x=(5, 3, 4), others={"target": (5, 3, 4), "var": (5, 1, 4)}),
        Case(
            "photographs",
            x=(4, 3, 32, 32),
            others=dict.fromkeys(("target", "var"), (4, 3, 32, 32)),
            regime="photograph",
        ),
    ),
    refusals=(
        Refusal("negative variances", "var", target=lambda value: -1 - value.abs()),
        Refusal("negative eps", "eps", options={"eps": -1.0}, stricter=True),
        Refusal("eps in words", "eps", options={"eps": "small"}),
        Refusal("full in words", "full", options={"full": "entirely"}, stricter=True),
    ),
    degenerate=COARSE,
)
