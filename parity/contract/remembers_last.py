"""Two forwards before a backward: the backward belongs to the last; a backward may be repeated."""

from dataclasses import replace

from parity.verdict.trial import Trial, gradients
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Forward another draw first, then the cell's own; compare every quantity with the cell's truth."""
    built, other = trial.build(), trial.at(replace(trial.cell, seed=trial.cell.seed + 1))
    built.forward(*other.inputs())
    output = built.forward(*trial.inputs())
    return trial.judge({"output": output, "dx": built.backward(trial.dy())} | gradients(built))
