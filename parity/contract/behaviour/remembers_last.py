"""Two forwards before a backward: the backward belongs to the last, and what was returned before stays as it was."""

from collections.abc import Iterator
from dataclasses import replace

from parity.verdict.check import BEHAVIOUR, NUMBERS, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.draw import draw
from parity.verdict.reading import buffers, gradients, same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Forward another draw first, then the cell's own; compare every quantity with the cell's truth.

    Then run the other draw once more: it must agree, as in every step of a training after the first, so that what is
    wrong there is a number; and what the caller holds from before must keep its bits.
    """
    built, strange = trial.build(), draw(replace(trial.cell, seed=trial.cell.seed + 1))
    other = replace(trial, given=replace(strange, parameters=trial.drawn.parameters, buffers=trial.drawn.buffers))
    built.forward(*other.inputs())
    trial.restore(built)
    held = trial.forward(built, trial.inputs())
    kept = buffers(built, trial.drawn)
    held |= trial.backward(built, trial.cotangents())
    yield from trial.judge(held | gradients(built) | kept)
    before = {name: value.clone() for name, value in held.items()}
    built.zero_grad()
    for one in other.verdicts(built):
        yield one.noted("second call").told(aspect=one.record.aspect or NUMBERS)
    for name, value in held.items():
        same = same_bits(value, before[name])
        yield trial.claim(f"{name} held", same, "a later call changed it", value.numel())


CHECK = Check("remembers-last", run, BEHAVIOUR, dtypes=WHERE_NOTHING_IS_CAST)
