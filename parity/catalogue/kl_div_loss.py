"""KLDivLoss, of targets that are probabilities or their logarithms."""

from dataclasses import replace

from parity.catalogue.losses import QuietKLDivLoss, elementwise
from parity.catalogue.page import Case, Refusal

PAGE = replace(
    elementwise(
        QuietKLDivLoss,
        targets=("probabilities", "weights", "one-hot"),
        options={"log_target": (False, True)},
        reductions=("mean", "sum", "none", "batchmean"),
        cases=(
            Case("batchmean", x=(6, 5), options={"reduction": "batchmean"}, target="probabilities"),
            Case("log-target", x=(6, 5), options={"log_target": True}, target="log-probabilities", widely=True),
            Case(
                "log-target, none",
                x=(6, 5),
                options={"log_target": True, "reduction": "none"},
                target="log-probabilities",
                widely=True,
            ),
        ),
        refusals=(Refusal("log_target in words", "log_target", options={"log_target": "yes"}, stricter=True),),
    ),
    module="KLDivLoss",
)
