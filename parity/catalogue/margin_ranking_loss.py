"""MarginRankingLoss."""

import torch

from parity.catalogue.losses import COARSE, of_several
from parity.catalogue.page import Case, Refusal
from parity.catalogue.signature import Input

PAGE = of_several(
    torch.nn.MarginRankingLoss,
    (Input("input1"), Input("input2"), Input("target", drawn="signs", gradient=False)),
    options={"margin": (0.0, 0.5, 3.0, -0.5)},
    shapes=((6, 5), (11,), (4, 2), (3, 2, 5, 4)),
    others=lambda x: (x, x),
    timings={"papers": (100, 3, 10, 10), "large": (1_000_000,)},
    cases=(
        Case(
            "photographs",
            x=(4, 3, 32, 32),
            others=dict.fromkeys(("input2", "target"), (4, 3, 32, 32)),
            regime="photograph",
        ),
    ),
    refusals=(
        Refusal(
            "target of zero",
            "target",
            target=lambda value: value if value.is_floating_point() else value * 0,
            stricter=True,
        ),
        Refusal("margin in words", "margin", options={"margin": "wide"}),
    ),
    kinks=True,
    degenerate=COARSE,
)
