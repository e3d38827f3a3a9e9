"""The edits of what is done once more: a factor that does not belong, a root, a square, a sign."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from parity.diagnosis.edited.edit import Edit, fits, floating, with_slot
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.recording import Change, Recording, Values, done
from parity.verdict.perturbed.program import Slot, Step

Function = Callable[[Tensor], Tensor]
ALONE: Mapping[str, tuple[str, Function]] = {
    "{} has the wrong sign": ("sign", torch.neg),
    "{} is squared": ("factor", torch.square),
    "{} stands without its sign": ("absolute", torch.abs),
    "a root is taken of {}": ("factor", torch.sqrt),
    "{} counts twice": ("factor", lambda a: 2 * a),
    "{} counts half": ("factor", lambda a: a / 2),
    "{} is kept above 0": ("clamped", lambda a: a.clamp_min(0.0)),
    "{} is rounded down to a whole number, as by //": ("rounded", torch.floor),
}
BESIDE: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "multiplied": lambda a, b: a * b, "divided": lambda a, b: a / b,
}  # fmt: skip


def once_more(steps: Sequence[tuple[int, Step]], said: Expressions, recording: Recording) -> Iterator[Edit]:
    """Yield: something is done to what a step gives that does not belong there."""
    for at, step in steps:
        if floating(recording, step.results):
            for words, (kind, function) in ALONE.items():
                yield Edit(kind, words.format(said.step(step)), {at: after(step, function)})
            for place, slot in enumerate(step.args):
                if floating(recording, slot) and recording.origin(slot) in recording.given:
                    name, whole = said.whole(slot), said.step(step)
                    words = f"{name} has the wrong sign in {whole}"
                    yield Edit("sign", words, {at: with_slot(step, place, slot, torch.neg)})
                    words = f"1 - {name} stands in place of {name} in {whole}"
                    yield Edit("operand", words, {at: with_slot(step, place, slot, lambda a: 1 - a)})
    for at, step in steps:
        for other in factors(at, step, said, recording) if floating(recording, step.results) else ():
            for verb, combined in BESIDE.items():
                words = f"{said.step(step)} is {verb} by {said.part(other)}, which does not belong there"
                yield Edit("extra factor", words, {at: beside(step, other, combined)})


def factors(at: int, step: Step, said: Expressions, recording: Recording) -> Iterator[Slot]:
    """Yield what may have come in beside the result of a step: what has a name, and what is smaller than the result."""
    known: set[str] = set()
    made = {one.results for one in recording.steps[:at] if type(one.results) is Slot}
    for slot in (*recording.names, *made):
        usable = slot in recording.values and floating(recording, slot) and fits(slot, step.results, recording)
        small = usable and recording.values[slot].numel() < recording.values[step.results].numel()
        if usable and (slot in recording.names or small) and said.whole(slot) not in known:
            known.add(said.whole(slot))
            yield slot


def after(step: Step, function: Function) -> Change:
    def change(held: Values) -> Tensor:
        return function(done(step, held))

    return change


def beside(step: Step, other: Slot, combined: Callable[[Tensor, Tensor], Tensor]) -> Change:
    def change(held: Values) -> Tensor:
        return combined(done(step, held), held[other])

    return change
