"""A module that changes between training and evaluation: each call is of the mode that it is made in."""

from collections.abc import Iterator
from dataclasses import replace

from parity.subjects.contract import Built, Modal, Stopped, Unsupported
from parity.verdict.check import NUMBERS, Check
from parity.verdict.draw import draw
from parity.verdict.reading import Reading, same_bits
from parity.verdict.trial import Judged, Trial

MODES = {True: "training", False: "evaluation"}


def run(trial: Trial) -> Iterator[Judged]:
    """Call forward and backward in the other mode, with another draw; then judge a call in the mode of the cell.

    Every training evaluates between its steps, and evaluates after the last: what is wrong then is a number.
    """
    built, _ = changed(trial)
    for one in trial.verdicts(built):
        told = one.noted(f"after a call in {MODES[not trial.cell.case.training]}")
        of_mode = one.fails and looks_like(trial, one.record.quantity)
        yield replace(told, seen=None) if of_mode else told  # its numbers are explained by the mode


def changed(trial: Trial) -> tuple[Built, Reading]:
    """Return a module that was called once in the other mode, its gradients cleared; and what came of that call.

    An exception that ends that call is for the cells of the other mode to tell.
    """
    built, training = trial.build(), trial.cell.case.training
    if not isinstance(built, Modal):
        raise Unsupported("the subject has no mode of evaluation")
    strange = draw(replace(trial.cell, seed=trial.cell.seed + 1))
    other = replace(trial, given=replace(strange, parameters=trial.drawn.parameters, buffers=trial.drawn.buffers))
    built.train(not training)
    try:
        reading = other.read(built)
    except Stopped:
        raise
    except Exception:
        reading = Reading()
    built.zero_grad()
    built.train(training)
    return built, reading


def looks_like(trial: Trial, quantity: str) -> str:
    """Return where a wrong quantity comes from: the other mode, or the numbers that the call before drew."""
    mode = MODES[not trial.cell.case.training]
    built, before = changed(trial)
    stays = trial.build()
    assert isinstance(stays, Modal)
    stays.train(not trial.cell.case.training)
    got, was, of_other = (found.get(quantity) for found in (trial.read(built), before, trial.read(stays)))
    if got is None:
        return ""
    if of_other is not None and same_bits(got, of_other):
        return f"as in {mode}: the change of the mode is not heeded"
    if was is not None and got.shape == was.shape and not got.all() and same_bits(got == 0, was == 0):
        return f"what the call before, in {mode}, drew is used again: it is 0 where that was"
    return ""


CHECK = Check(
    "changes-mode",
    run,
    NUMBERS,
    concerns=lambda page, case: page.has_modes and case.widely,
    dtypes=("float64", "float32"),
    looks_like=looks_like,
)
