"""The hypothesis: one step of torch's own computation is otherwise."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from parity.diagnosis.conditions import left_out
from parity.diagnosis.edited.edit import Edit
from parity.diagnosis.edited.edits import edits
from parity.diagnosis.edited.recording import Recording
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

MOST_STEPS = 200  # of a recording: a longer one takes too long
MOST_KERNELS = 30_000  # that are run in all
DERIVED = 3  # runs that a run costs that is differentiated
HALF = 0.5  # of the largest error, that an edit must explain to be looked at


def one_edit(symptom: Symptom) -> Explanations:
    """Yield the edit that gives what came best, the plainest of several: of the way to the quantity, or of the formula
    derived."""
    if symptom.special or symptom.trial.page.network is not None:
        return
    best, told = 0, None
    for edit, predicted in candidates(symptom):
        if (degree := symptom.fit(predicted)) > best:
            best, told = degree, Explanation(edit.kind, edit.words, predicted)
    if told is not None:
        yield told


def candidates(symptom: Symptom) -> Iterator[tuple[Edit, Tensor]]:
    """Yield each edit with what it gives, if that is anywhere near what came."""
    options, left = named_numbers(symptom), MOST_KERNELS
    for recording, compute, words, cost in ways(symptom):
        for edit in edits(recording, options):
            left -= cost * len(recording.steps)
            if left < 0:
                return
            predicted = attempted(compute, edit)
            if predicted is not None and near(symptom, predicted):
                yield replace(edit, words=words.replace("{}", edit.words)), predicted


Way = tuple[Recording, Callable[[Edit], Tensor], str, int]  # its words, and what it costs beside running the steps once


def ways(symptom: Symptom) -> Iterator[Way]:
    """Yield the recordings that may hold the edit: that of the quantity; of a gradient also the formula, derived."""
    direct = Recording.of(symptom, symptom.quantity)
    if direct is None or not 0 < len(direct.steps) <= MOST_STEPS:
        return
    yield direct, lambda edit: direct.edited(edit.changes), "{}", 1
    forward = None if symptom.of_forward else Recording.of(symptom, *symptom.trial.signature.outputs)
    leaf = None if forward is None else forward.leaf(symptom.quantity.removeprefix(symptom.trial.signature.prefix))
    if forward is not None and leaf is not None:
        words = "it is the derivative of a formula where {}"
        yield forward, lambda edit: forward.differentiated(edit.changes, leaf, symptom.drawn), words, DERIVED


def attempted(compute: Callable[[Edit], Tensor], edit: Edit) -> Tensor | None:
    """Return what an edit gives; None where a kernel refuses it."""
    try:
        return compute(edit)
    except (RuntimeError, ValueError, TypeError, LookupError):
        return None


def near(symptom: Symptom, predicted: Tensor) -> bool:
    """Return whether a prediction explains at least half of the largest error: a glance, before it is weighed."""
    if predicted.shape != symptom.got.shape:
        return False
    error = (symptom.got - symptom.truth).abs().masked_fill(~(symptom.wrong & symptom.finite), -1.0).flatten()
    at = int(error.argmax())
    rest = abs(float(predicted.flatten()[at]) - float(symptom.got.flatten()[at]))
    return rest <= HALF * float(error[at])


def named_numbers(symptom: Symptom) -> Mapping[str, Any]:
    """Return the options of the case, and those that torch gives it, by name."""
    cell = symptom.trial.cell
    return left_out(cell) | dict(cell.case.options)
