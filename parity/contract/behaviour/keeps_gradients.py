"""A further forward changes nothing that the last backward gave: what it returned stays, and what it added."""

from collections.abc import Iterator
from dataclasses import replace

from parity.verdict.check import BEHAVIOUR, Check
from parity.verdict.draw import draw
from parity.verdict.reading import gradients, same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Forward and backward, then a forward of another draw; hold both against copies from before it."""
    built, strange = trial.build(), draw(replace(trial.cell, seed=trial.cell.seed + 1))
    built.forward(*trial.inputs())
    returned = trial.backward(built, trial.cotangents())
    before = {name: value.clone() for name, value in returned.items()} | gradients(built)
    built.forward(*replace(trial, given=replace(trial.drawn, inputs=strange.inputs)).inputs())
    after = returned | gradients(built)
    for name, value in before.items():
        same = name in after and same_bits(after[name], value)
        yield trial.claim(name, same, "a further forward changed it", value.numel())


CHECK = Check("keeps-gradients", run, BEHAVIOUR)
