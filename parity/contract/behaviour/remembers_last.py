"""Two forwards before a backward: the backward belongs to the last, and what was returned before stays as it was."""

from dataclasses import replace

from parity.verdict.draw import draw
from parity.verdict.trial import Trial, gradients, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Forward another draw first, then the cell's own; compare every quantity with the cell's truth.

    Then put the other draw through once more: it must agree, and what the caller holds from before must keep its bits.
    """
    built, strange = trial.build(), draw(replace(trial.cell, seed=trial.cell.seed + 1))
    other = replace(trial, given=replace(trial.drawn, inputs=strange.inputs, dy=strange.dy))
    built.forward(*other.inputs())
    output = built.forward(*trial.inputs())
    held = {"output": output, "dx": built.backward(trial.dy())}
    found = trial.judge(held | gradients(built))
    before = {name: value.clone() for name, value in held.items()}
    built.zero_grad()
    found += [of_other(record) for record in other.judge(other.observe(built))]
    return found + [
        trial.claim(f"{name} held", same_bits(value, before[name]), "a later call changed it", value.numel())
        for name, value in held.items()
    ]


def of_other(record: Parity) -> Parity:
    """Return the record of the other draw; a failing one says so."""
    detail = f"second call: {record.detail}" if record.verdict == "fail" else record.detail
    return replace(record, detail=detail)
