"""The edits of a recording: what a programmer leaves out, turns round or confuses in one line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from parity.diagnosis.edited.brackets import brackets
from parity.diagnosis.edited.edit import ADDITIVE, Edit, Edits, by, fits, floating, instead
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.inserted import once_more
from parity.diagnosis.edited.numbers import epsilons, numbers
from parity.diagnosis.edited.operands import at_another, exchanged, is_square
from parity.diagnosis.edited.recording import Change, Recording, done
from parity.diagnosis.edited.sums import over_other_axes
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Slot, Step

COMPARISONS = frozenset("gt ge lt le eq ne".split())
EXTREMES = {"minimum": ("larger", "smaller"), "maximum": ("smaller", "larger")}
SIGNS = frozenset("sgn sign".split())
TERNARY = frozenset("where".split())


def edits(recording: Recording, options: Mapping[str, Any]) -> Iterator[Edit]:
    """Yield the edits of every step, the plainest kinds first; `options` are those of the module, by name."""
    said, steps = Expressions(recording), recording.computing
    yield from masks(steps, said, recording)
    for of_step in (left_out, turned, counted):
        for at, step in steps:
            yield from (Edit(kind, words, {at: change}) for kind, words, change in of_step(step, said, recording))
    yield from epsilons(steps, said)
    yield from numbers(steps, said, options)
    yield from over_other_axes(steps, said, recording)
    yield from at_another(steps, said, recording)
    for at, step in steps:
        others = exchanged(at, step, said, recording)
        yield from (Edit(kind, words, {at: change}) for kind, words, change in others)
    yield from brackets(steps, said, recording)
    yield from once_more(steps, said, recording)


def left_out(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: a factor, a divisor, a term or a function is left out."""
    name, args, out = kernels.name_of(step.kernel), step.args, step.results
    tensors = [one for one in args if floating(recording, one)]
    whole = said.step(step)
    if name in ("mul", "div", *ADDITIVE) and len(args) > 1:
        noun, kind = ("factor", "factor missing") if name in ("mul", "div") else ("term", "term missing")
        for place, one in enumerate(args[:2]):
            other = args[1 - place]
            if floating(recording, one) and fits(one, out, recording) and (name != "div" or place == 0):
                lost = f"the division by {said.whole(other)}" if name == "div" else f"the {noun} {said.whole(other)}"
                sign = -1.0 if (name, place) in (("sub", 1), ("rsub", 0)) else 1.0
                yield kind, f"{lost} is missing in {whole}", scaled(instead(one, out, recording), sign)
    elif len(tensors) == 1 and fits(tensors[0], out, recording) and name not in COMPARISONS:
        kind = "sign" if name in ("neg", "abs") else "factor missing"
        yield kind, f"{said.whole(tensors[0])} stands in place of {whole}", instead(tensors[0], out, recording)


def scaled(change: Change, by: float) -> Change:
    return change if by == 1.0 else lambda held: by * change(held)


def turned(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: a sign or a comparison is turned round, a branch is taken always, two axes are exchanged."""
    name, args, out, whole = kernels.name_of(step.kernel), step.args, step.results, said.step(step)
    value = recording.values[out]
    if name in ADDITIVE and len(args) > 1 and type(args[1]) is Slot:
        other = {"add": "-", "sub": "+", "rsub": "+"}[name]
        words = f"a sign is wrong: {said.part(args[0])} {other} {said.part(args[1])} in place of {whole}"
        yield "sign", words, by(step, lambda a, b: a - b if name == "add" else a + b)
    elif name in ("add", "rsub") and len(args) > 1 and type(args[1]) in (int, float):
        said_so = f"{said.whole(args[1])} {'-' if name == 'add' else '+'} {said.part(args[0])}"
        words = f"a sign is wrong: {said_so} in place of {whole}"
        yield "sign", words, by(step, lambda a, s: s - a if name == "add" else s + a)
    if name in COMPARISONS:
        yield "sign", f"a comparison is turned round: it is not ({whole})", lambda held: ~done(step, held)
    if name in EXTREMES:
        words = f"the {EXTREMES[name][0]} of two is taken in place of the {EXTREMES[name][1]}, {whole}"
        yield "comparison", words, by(step, torch.minimum if name == "maximum" else torch.maximum)
    if name in SIGNS:
        where = f"it is 0 where {said.whole(args[0])} is"
        yield "zero where", f"{where} negative", lambda held: done(step, held).clamp_min(0)
        yield "zero where", f"{where} positive", lambda held: done(step, held).clamp_max(0)
        yield "factor missing", f"the sign of {said.whole(args[0])} is taken as 1", lambda held: done(step, held).abs()
    if name in TERNARY and len(args) == 3:
        for at, word in ((1, "holds"), (2, "does not hold")):
            if floating(recording, args[at]) and fits(args[at], out, recording):
                words = f"it is {said.whole(args[at])} everywhere, as where {said.whole(args[0])} {word}"
                yield "branch", words, instead(args[at], out, recording)
        if all(floating(recording, one) for one in args[1:]):
            for at, word in ((1, ""), (2, "not ")):
                words = f"it is 0 where {word}{said.part(args[0])}"
                yield "zero where", words, emptied(step, args[0], at)
    if value.is_floating_point() and is_square(value):
        yield "transposed", f"{said.whole(out)} is transposed", lambda held: done(step, held).mT.clone()


def emptied(step: Step, condition: Slot, at: int) -> Change:
    return lambda held: done(step, held).masked_fill(held[condition] if at == 1 else ~held[condition], 0.0)


def counted(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: a sum is a mean, a product a quotient."""
    name, out = kernels.name_of(step.kernel), step.results
    if name == "sum":
        (summed,) = (one for one in step.args if type(one) is Slot)
        if recording.values[summed].dim() == recording.values[out].dim():  # what comes after takes either
            yield (
                "term missing",
                f"a sum is left out: {said.whole(summed)} stands in place of {said.step(step)}",
                lambda held: held[summed],
            )
        count = recording.values[summed].numel() / max(1, recording.values[out].numel())
        if count > 1:
            words = f"{said.step(step)} is divided by the number of its terms, {count:g}"
            yield "factor", words, lambda held: done(step, held) / count
    if name in ("mul", "div") and type(step.args[1]) is Slot and recording.values[step.args[1]].is_floating_point():
        verb = {"mul": "divided in place of multiplied", "div": "multiplied in place of divided"}[name]
        words = f"{said.part(step.args[0])} is {verb} by {said.part(step.args[1])}"
        yield "factor missing", words, by(step, lambda a, b: a / b if name == "mul" else a * b)


def masks(steps: Sequence[tuple[int, Step]], said: Expressions, recording: Recording) -> Iterator[Edit]:
    """Yield: a mask is ignored, or all of them are."""
    changes: dict[int, Change] = {}
    names: dict[int, str] = {}
    for at, step in steps:
        if masked := of_mask(step, recording):
            kept, mask = masked
            changes[at], names[at] = instead(kept, step.results, recording), said.whole(mask)
            yield Edit("mask ignored", f"the mask {names[at]} is ignored", {at: changes[at]})
    if len(changes) > 1:
        yield Edit("mask ignored", f"the masks are ignored: {', '.join(dict.fromkeys(names.values()))}", changes)


def of_mask(step: Step, recording: Recording) -> tuple[Slot, Slot] | None:
    """Return what stands where a mask does not apply, and the mask; None where a step applies none."""
    name, args = kernels.name_of(step.kernel), step.args
    if name == "masked_fill":
        return args[0], args[1]
    hidden = [floating(recording, one) and recording.values[one] == -torch.inf for one in args[1:]]
    if name == "where" and floating(recording, args[1]) and torch.is_tensor(hidden[1]) and bool(hidden[1].all()):
        return args[1], args[0]
    return None
