"""The hypotheses: a step of torch's own computation is otherwise, or counts another number of times, or two are."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from parity.diagnosis.conditions import left_out
from parity.diagnosis.edited.edit import Edit
from parity.diagnosis.edited.edits import edits
from parity.diagnosis.edited.forms import Known, forms_of
from parity.diagnosis.edited.forms.every import FORMS
from parity.diagnosis.edited.pairs import LEAST, Tried, pairs
from parity.diagnosis.edited.recording import Recording
from parity.diagnosis.edited.solved import solutions
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, Explanation, Explanations, Symptom

MOST_STEPS = 200  # of a recording: a longer one takes too long
MOST_KERNELS = 60_000  # that are run of one recording
CONTRIVED = ("wrong tensor", "extra factor")  # kinds of which there are so many that one fits by chance
BARE_NUMBER = re.compile(r"[-(]*\d")  # at the start of words: a number of which nothing says where it comes from
DERIVED = 3  # runs that a run costs that is differentiated


@dataclass(frozen=True)
class Way:
    """A recording that may hold the edit: what an edit gives, the words about it, and what it costs beside one run."""

    recording: Recording
    compute: Callable[[Edit], Tensor]
    words: str
    cost: int

    def attempted(self, edit: Edit) -> Tensor | None:
        """Return what an edit gives; None where a kernel refuses it."""
        try:
            return self.compute(edit)
        except (RuntimeError, ValueError, TypeError, LookupError):
            return None

    def kernels(self, edit: Edit) -> int:
        """Return how many kernels run for an edit."""
        return self.cost * (len(self.recording.steps) - min(edit.changes, default=0))

    def told(self, kind: str, words: str, predicted: Tensor) -> Explanation:
        return Explanation(kind, self.words.replace("{}", words), predicted)


def one_or_two(symptom: Symptom) -> Explanations:
    """Yield the edit that gives what came best, the plainest of several: of the way to the quantity, or of the formula
    derived. Where none leaves rounding alone, yield a number that does, or two edits."""
    if symptom.special or symptom.trial.page.network is not None:
        return
    tried: list[tuple[Way, list[Tried]]] = []
    best, told, plain = 0, None, False
    telling = int((symptom.wrong & symptom.finite).sum()) >= LEAST  # of fewer, some edit is near by chance
    for way, edit, predicted in candidates(symptom, tried):
        degree = symptom.fit(predicted)
        better = degree > best or (degree == best > 0 and not plain and is_plain(edit))
        if better and (degree >= BUT_FOR_ROUNDING or telling):
            best, told, plain = degree, way.told(edit.kind, edit.words, predicted), is_plain(edit)
    if told is not None:
        yield told
    if best >= BUT_FOR_ROUNDING:
        return
    for way, found in tried:
        further = [*solutions(symptom, way.recording, way.attempted), *pairs(symptom, found, way.attempted)]
        yield from (way.told(*one) for one in further[:1])


def is_plain(edit: Edit) -> bool:
    """Return whether an edit is one that says what somebody wrote: not one of many tensors, nor a bare number."""
    return edit.kind not in CONTRIVED and not BARE_NUMBER.match(edit.words)


def candidates(symptom: Symptom, tried: list[tuple[Way, list[Tried]]]) -> Iterator[tuple[Way, Edit, Tensor]]:
    """Yield each edit with what it gives, if that is anywhere near what came; note in `tried` what each way gives."""
    options = named_numbers(symptom)
    for way in ways(symptom, options):
        found, left = list[Tried](), MOST_KERNELS
        tried.append((way, found))
        for edit in edits(way.recording, options):
            left -= way.kernels(edit)
            if left < 0:
                break
            predicted = way.attempted(edit)
            if predicted is not None and predicted.shape == symptom.got.shape:
                found.append(Tried.of(edit, predicted, symptom))
                if found[-1].is_near(symptom):
                    yield way, edit, predicted


def ways(symptom: Symptom, options: Mapping[str, Any]) -> Iterator[Way]:
    """Yield the recordings that may hold the edit: that of the quantity; of a gradient also the formula, derived; and
    those of its forms."""
    yield from of_torch(symptom)
    yield from of_forms(symptom, options)


def of_forms(symptom: Symptom, options: Mapping[str, Any]) -> Iterator[Way]:
    """Yield the recordings of the forms of the quantity."""
    known = Known.of(symptom, options)
    names = {entry.name: value for entry, value in zip(symptom.trial.signature.inputs, known.inputs, strict=False)}
    for form in forms_of(symptom, known, FORMS):
        recording = Recording.of_function(partial(form.function, known), names | known.names)
        if recording is not None:
            yield Way(recording, partial(of_changes, recording), "{}", 1)


def of_changes(recording: Recording, edit: Edit) -> Tensor:
    return recording.edited(edit.changes)


def of_torch(symptom: Symptom) -> Iterator[Way]:
    """Yield torch's own way to the quantity; of a gradient also the formula, derived."""
    direct = Recording.of(symptom, symptom.quantity)
    if direct is None or not 0 < len(direct.steps) <= MOST_STEPS:
        return
    yield Way(direct, partial(of_changes, direct), "{}", 1)
    forward = None if symptom.of_forward else Recording.of(symptom, *symptom.trial.signature.outputs)
    leaf = None if forward is None else forward.leaf(symptom.quantity.removeprefix(symptom.trial.signature.prefix))
    if forward is not None and leaf is not None:
        words = "it is the derivative of a formula where {}"
        yield Way(forward, lambda edit: forward.differentiated(edit.changes, leaf, symptom.drawn), words, DERIVED)


def named_numbers(symptom: Symptom) -> Mapping[str, Any]:
    """Return the options of the case, and those that torch gives it, by name."""
    cell = symptom.trial.cell
    return left_out(cell) | dict(cell.case.options)
