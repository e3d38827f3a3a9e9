"""PoissonNLLLoss, of logarithms of rates, and of rates, which are positive."""

import torch

from parity.catalogue.losses import elementwise
from parity.catalogue.page import Case, Refusal

RATES = {"log_input": False}

PAGE = elementwise(
    torch.nn.PoissonNLLLoss,
    targets=("counts", "weights"),
    options={"full": (False, True)},
    cases=(
        Case("full, none", x=(6, 5), options={"full": True, "reduction": "none"}, target="counts", widely=True),
        Case("rates", x=(6, 5), options=RATES, target="counts", regime="positive", crossed=True),
        Case("rates, sum, full", (4, 2), {**RATES, "reduction": "sum", "full": True}, "counts", regime="positive"),
        Case("rates, none", (3, 2, 5, 4), {**RATES, "reduction": "none"}, "counts", regime="positive", crossed=True),
        Case("rates, large eps", x=(6, 5), options={**RATES, "eps": 0.125}, target="weights", regime="positive"),
        Case("rates, one axis", x=(11,), options={**RATES, "full": True}, target="counts", regime="positive"),
    ),
    refusals=(
        Refusal("log_input in words", "log_input", options={"log_input": "yes"}, stricter=True),
        Refusal("full in words", "full", options={"full": "yes"}, stricter=True),
        Refusal("eps in words", "eps", options={"eps": "small", "log_input": False}),
    ),
    degenerate={
        f"mean * {regime} 1.0 output": "exp(1000) is not finite in any dtype, nor is a mean with it"
        for regime in ("huge", "special")
    },
)
