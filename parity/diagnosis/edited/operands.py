"""The edits of operands: another tensor of the same shape stands where one belongs."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.edited.edit import Edit, Edits, floating, with_slot
from parity.diagnosis.edited.expressions import OVER, ROOT, Expressions
from parity.diagnosis.edited.recording import Recording, Values, done, is_view
from parity.verdict.perturbed.program import Slot, Step


def at_another(steps: Sequence[tuple[int, Step]], said: Expressions, recording: Recording) -> Iterator[Edit]:
    """Yield: a part of the formula is taken at another tensor that has a name."""
    known = {slot: name for slot, name in recording.names.items() if slot in recording.values}
    for leaf in known.keys() & recording.given.keys():
        alike = [slot for slot in known if alike_in_shape(slot, leaf, recording) and known[slot] != known[leaf]]
        for at, step in steps:
            for other in alike if leaf in recording.behind[step.results] else ():
                words = f"{said.step(step)} is taken at {known[other]} in place of {known[leaf]}"
                yield Edit("wrong tensor", words, {at: partial(recording.taken_at, step, leaf, other)})


def alike_in_shape(one: Slot, other: Slot, recording: Recording) -> bool:
    """Return whether two slots hold floating-point tensors of one shape."""
    both = recording.values[one], recording.values[other]
    return both[0].shape == both[1].shape and all(value.is_floating_point() for value in both)


def exchanged(at: int, step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: another tensor of the same shape stands where one belongs."""
    yield from turned_over(step, said, recording)
    yield from function_at_another(step, said, recording)
    made = made_before(at, recording)
    before = [slot for slot in said.of if slot in recording.given or slot in made]
    for place, slot in enumerate(step.args):
        known = {said.whole(slot)}
        for other in before if floating(recording, slot) else ():
            words = said.whole(other)
            if words not in known and alike_in_shape(slot, other, recording):
                known.add(words)
                where = f"stands where {said.whole(slot)} belongs in {said.step(step)}"
                yield "wrong tensor", f"{words} {where}", with_slot(step, place, other)
                if words.startswith(ROOT):
                    root = words.removeprefix(OVER)
                    yield "wrong tensor", f"{root} {where}", with_slot(step, place, other, torch.reciprocal)


def function_at_another(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: where a step takes a function of one tensor, it is that of another that has a name."""
    for slot in {one for one in step.args if type(one) is Slot and one in recording.makers}:
        maker = recording.makers[slot]
        tensors = [one for one in maker.args if type(one) is Slot]
        if len(tensors) != 1 or is_view(maker) or not floating(recording, slot):
            continue
        for other, name in recording.names.items():
            if other in recording.values and other != tensors[0] and alike_in_shape(other, tensors[0], recording):
                words = (
                    f"{said.whole(slot)} is taken at {name} in place of {said.whole(tensors[0])} in {said.step(step)}"
                )
                yield "wrong tensor", words, partial(with_function, step, slot, maker, other)


def with_function(step: Step, slot: Slot, maker: Step, other: Slot, held: Values) -> Tensor:
    """Return what a step gives where the maker of one of its arguments is called with another tensor."""
    given = [held[other] if type(one) is Slot else one for one in maker.args]
    result: Tensor = done(step, {**held, slot: maker.kernel(*given, **maker.kwargs)})
    return result


def turned_over(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: what was given is read with its last two axes exchanged."""
    for place, slot in enumerate(step.args):
        if floating(recording, slot) and slot in recording.given and is_square(recording.values[slot]):
            words = f"{said.whole(slot)} is transposed in {said.step(step)}"
            yield "transposed", words, with_slot(step, place, slot, transposed)


def transposed(value: Tensor) -> Tensor:
    return value.mT.clone()


def is_square(value: Tensor) -> bool:
    return value.dim() > 1 and value.shape[-1] == value.shape[-2] > 1


def made_before(at: int, recording: Recording) -> set[Slot]:
    """Return the slots whose values are known before a step."""
    return {step.results for step in recording.steps[:at] if type(step.results) is Slot}
