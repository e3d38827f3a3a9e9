"""A step of plain gradient descent leaves every parameter where the true gradient takes it."""

from collections.abc import Iterator

from parity.contract.training.learner import Learner
from parity.verdict.check import NUMBERS, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.plan import why_degenerate
from parity.verdict.trial import Judged, Trial

AGREES = ("pass", "same-route")


def run(trial: Trial) -> Iterator[Judged]:
    """Forward, loss, backward, step; compare every parameter. A case in which standing still would pass is at fault."""
    step = Learner(trial).step(0)
    for one, still in zip(step.updates(), step.standing_still(), strict=True):
        proves = still.fails or why_degenerate(trial.cell, f"d{one.record.quantity}")
        if one.record.verdict in AGREES and not proves:
            one = one.told(verdict="error", detail="the case proves nothing: standing still would pass")
        yield one


CHECK = Check("one-step", run, NUMBERS, concerns=lambda _, case: bool(case.loss), dtypes=WHERE_NOTHING_IS_CAST, cost=3)
