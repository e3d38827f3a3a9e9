"""One call after another: each belongs to what it was given last, and what was returned before stays as it was."""

from collections.abc import Iterator
from dataclasses import replace

from parity.verdict.check import BEHAVIOUR, NUMBERS, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.draw import draw
from parity.verdict.reading import same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Call forward and backward twice, the second time with another draw; then forward twice before one backward.

    The second of two calls is what every step of a training after the first is: what is wrong there is a number. What
    the caller holds of the first must keep its bits. Of two forwards, every quantity must be that of the last.
    """
    strange = draw(replace(trial.cell, seed=trial.cell.seed + 1))
    other = replace(trial, given=replace(strange, parameters=trial.drawn.parameters, buffers=trial.drawn.buffers))
    yield from called_twice(trial, other)
    built = trial.build()
    built.forward(*other.inputs())
    trial.restore(built)
    yield from trial.judge(trial.called(built, trial.inputs(), trial.cotangents()))


def called_twice(trial: Trial, other: Trial) -> Iterator[Judged]:
    """Yield what the second call gives, and whether the tensors that the first returned are what they were."""
    built = trial.build()
    held = trial.forward(built, trial.inputs())
    held |= trial.backward(built, trial.cotangents())
    before = {name: value.clone() for name, value in held.items()}
    built.zero_grad()
    for one in other.verdicts(built):
        yield one.noted("second call").told(aspect=one.record.aspect or NUMBERS)
    for name, value in held.items():
        same = same_bits(value, before[name])
        yield trial.claim(f"{name} held", same, "a later call changed it", value.numel())


CHECK = Check("remembers-last", run, BEHAVIOUR, dtypes=WHERE_NOTHING_IS_CAST)
