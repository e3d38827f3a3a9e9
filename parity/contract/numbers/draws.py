"""What a module draws: at the right rate, each element by itself, anew in every call, and the same for backward.

The tests and their false alarms are those of parity/verdict/chance: all of one cell together accuse a right module
with a probability below `limits.LUCK`. What they see nineteen times of twenty, of 64 calls of 720 draws at p = 0.5: a
rate that is off by 0.02; neighbours that agree in 53 % of the pairs; and whatever is drawn once for several elements,
or for several calls.
"""

from collections.abc import Iterator, Mapping

import torch

from parity.catalogue.page import Conditioned
from parity.verdict import limits
from parity.verdict.chance.judged import faults
from parity.verdict.check import NUMBERS, Check
from parity.verdict.reading import gradients
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Call one module many times on the same input, nowhere zero; judge its draws, and the values of the last call."""
    built, calls, torn = trial.build(), [], 0
    for _ in range(limits.CALLS):
        built.zero_grad()
        outputs = trial.forward(built, trial.inputs())
        returned = trial.backward(built, trial.cotangents())
        forth, back = read(trial, outputs), read(trial, returned)
        if not forth.known.all():
            yield trial.claim("draws", False, "the output does not tell what was drawn")
            return
        calls.append(forth.drawn)
        torn += bool(((forth.drawn != back.drawn) & back.known).any())
    drawn = torch.stack(calls)
    for of, fault in faults(drawn, forth.chance).items():
        yield trial.claim(of, not fault, fault, drawn.numel())
    words = f"backward takes another draw than forward in {torn} of {limits.CALLS} calls"
    yield trial.claim("backward", not torn, words, drawn.numel())
    yield from trial.judge(outputs | returned | gradients(built))


def read(trial: Trial, got: Mapping[str, object]) -> Conditioned:
    """Return what was drawn, as some quantities tell it."""
    cell = trial.cell
    assert cell.page.conditioned is not None
    return cell.page.conditioned(cell.case, trial.drawn.inputs, got)


CHECK = Check(
    "draws", run, NUMBERS, concerns=lambda page, case: page.draws(case) and not case.large, regime="offset", cost=2
)
