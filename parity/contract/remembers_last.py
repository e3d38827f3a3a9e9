"""Two forwards before a backward: the backward belongs to the last, and what was returned before stays as it was."""

from dataclasses import replace

from parity.verdict.trial import Trial, gradients, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Forward another draw first, then the cell's own; compare every quantity with the cell's truth.

    Then put the other draw through once more: outputs and dx that the caller holds must keep their bits.
    """
    built, other = trial.build(), trial.at(replace(trial.cell, seed=trial.cell.seed + 1))
    built.forward(*other.inputs())
    output = built.forward(*trial.inputs())
    held = {"output": output, "dx": built.backward(trial.dy())}
    found = trial.judge(held | gradients(built))
    before = {name: value.clone() for name, value in held.items()}
    other.observe(built)
    return found + [
        trial.claim(f"{name} held", same_bits(value, before[name]), "a later call changed it", value.numel())
        for name, value in held.items()
    ]
