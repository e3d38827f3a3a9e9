"""The edits of a step: what a programmer leaves out, turns round or confuses in one line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from parity.diagnosis.edited.expressions import Expressions, is_view
from parity.diagnosis.edited.recording import Change, Recording, Values, done
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Slot, Step, filled

COMPARISONS = frozenset("gt ge lt le eq ne".split())
SIGNS = frozenset("sgn sign".split())
ADDITIVE = frozenset("add sub rsub".split())
TERNARY = frozenset("where".split())


@dataclass(frozen=True)
class Edit:
    """One thing that is otherwise: the kind of cause, the words, and what each step gives that it concerns."""

    kind: str
    words: str
    changes: Mapping[int, Change]


def edits(recording: Recording, options: Mapping[str, Any]) -> Iterator[Edit]:
    """Yield the edits of every step, the plainest kinds first; `options` are those of the module, by name."""
    said = Expressions(recording.names, recording.steps)
    steps = [(at, step) for at, step in enumerate(recording.steps) if type(step.results) is Slot and not is_view(step)]
    for of_step in (left_out, turned, counted):
        for at, step in steps:
            yield from (Edit(kind, words, {at: change}) for kind, words, change in of_step(step, said, recording))
    yield from masks(steps, said, recording)
    yield from epsilons(steps, said)
    yield from numbers(steps, said, options)
    yield from at_another(steps, said, recording)
    for at, step in steps:
        others = exchanged(at, step, said, recording)
        yield from (Edit(kind, words, {at: change}) for kind, words, change in others)


Edits = Iterator[tuple[str, str, Change]]


def floating(recording: Recording, value: Any) -> bool:
    """Return whether an argument is a tensor of floating-point numbers."""
    return type(value) is Slot and recording.values[value].is_floating_point()


def instead(slot: Slot, like: Slot, recording: Recording) -> Change:
    """Return the change to an argument itself, in the shape of a result."""
    shape = recording.values[like].shape
    return lambda held: held[slot].expand(shape).clone()


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


def fits(slot: Slot, out: Slot, recording: Recording) -> bool:
    """Return whether an argument can stand in place of a result."""
    one, other = recording.values[slot], recording.values[out]
    extents = zip(reversed(one.shape), reversed(other.shape), strict=False)
    return one.dtype == other.dtype and one.dim() <= other.dim() and all(a in (1, b) for a, b in extents)


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


def by(step: Step, function: Callable[..., Tensor]) -> Change:
    return lambda held: function(*filled(step.args[:2], held))


def counted(step: Step, said: Expressions, recording: Recording) -> Edits:
    """Yield: a sum is a mean, a product a quotient."""
    name, out = kernels.name_of(step.kernel), step.results
    if name == "sum":
        (summed,) = (one for one in step.args if type(one) is Slot)
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
    filled_in = {at: step for at, step in steps if kernels.name_of(step.kernel) == "masked_fill"}
    changes = {at: instead(step.args[0], step.results, recording) for at, step in filled_in.items()}
    for at, change in changes.items():
        yield Edit("mask ignored", f"the mask {said.whole(filled_in[at].args[1])} is ignored", {at: change})
    if len(changes) > 1:
        names = dict.fromkeys(said.whole(step.args[1]) for step in filled_in.values())
        yield Edit("mask ignored", f"the masks are ignored: {', '.join(names)}", changes)


def epsilons(steps: Sequence[tuple[int, Step]], said: Expressions) -> Iterator[Edit]:
    """Yield: what keeps a number from 0 is added, in place of being its least, or the other way; or beside a root."""
    made = {step.results: step for _, step in steps}
    for at, step in steps:
        name, args = kernels.name_of(step.kernel), step.args
        bound = args[1] if len(args) > 1 and type(args[1]) in (int, float) else None
        if name in ("clamp", "clamp_min") and bound:
            words = f"{bound:.6g} is added to {said.taken(step)} in place of being its least"
            yield Edit("epsilon", words, {at: by(step, lambda a, b, *_: a + b)})
        if name == "add" and type(bound) is float:
            words = f"{said.taken(step)} is kept above {bound:.6g}, which is not added"
            yield Edit("epsilon", words, {at: by(step, lambda a, b: a.clamp_min(b))})
        under = made.get(args[0]) if name in ("sqrt", "rsqrt") else None
        if under is not None and kernels.name_of(under.kernel) == "add" and type(under.args[1]) is float:
            words = f"{under.args[1]:.6g} is added to the root of {said.part(under.args[0])}, not under it"
            yield Edit("epsilon", words, {at: partial(beside_root, under, name == "rsqrt")})


def beside_root(under: Step, inverse: bool, held: Values) -> Tensor:
    """Return the root of what a number is added to, and then the number; or the inverse of that."""
    root: Tensor = held[under.args[0]].sqrt() + under.args[1]
    return 1 / root if inverse else root


OTHERWISE: Mapping[str, Callable[[float], float]] = {
    "0": lambda _: 0.0, "1": lambda _: 1.0, "of the other sign": lambda s: -s, "squared": lambda s: s * s,
    "its root": lambda s: s**0.5, "its inverse": lambda s: 1 / s, "1 more": lambda s: s + 1, "1 less": lambda s: s - 1,
    "twice that": lambda s: 2 * s, "half of that": lambda s: s / 2,
}  # fmt: skip


def numbers(steps: Sequence[tuple[int, Step]], said: Expressions, options: Mapping[str, Any]) -> Iterator[Edit]:
    """Yield: a number is another, wherever a kernel is called with it; one that an option gives is told by its name."""
    called: dict[tuple[str, float], list[tuple[int, Step, int]]] = {}
    for at, step in steps:
        name = kernels.name_of(step.kernel)
        for place, number in enumerate(step.args):
            if name != "masked_fill" and (type(number) is float or (type(number) is int and name in SCALED)):
                called.setdefault((name, number), []).append((at, step, place))
    for (_, number), places in called.items():
        names = [name for name, value in options.items() if type(value) is float and value == abs(number)]
        for word, function in OTHERWISE.items():
            other = value_of(function, number)
            if other is not None and other != number:
                kind, words = told(number, other, names, places[0][1], said)
                kind = "sign" if word == "of the other sign" and not names else kind
                yield Edit(kind, words, {at: with_number(step, place, other) for at, step, place in places})


def told(number: float, other: float, names: Sequence[str], step: Step, said: Expressions) -> tuple[str, str]:
    """Return the kind and the words of a number that is taken as another."""
    where = f"taken as {other:.6g} in {said.step(step)}"
    if not names:
        return "number", f"{number:.6g} is {where}"
    if other == 0 and kernels.name_of(step.kernel) in ADDITIVE:
        return "option ignored", f"the option {names[0]} is ignored: it is {where}"
    return "option otherwise", f"the option {names[0]} is {where}"


SCALED = frozenset("add sub rsub mul div pow".split())  # whose whole numbers are numbers, and no axes


def value_of(function: Callable[[float], float], number: float) -> float | None:
    """Return a number that stands in place of another; None where there is none."""
    try:
        other = function(float(number))
    except ZeroDivisionError:
        return None
    return other if isinstance(other, float) else None


def with_number(step: Step, place: int, number: float) -> Change:
    def change(held: Values) -> Tensor:
        args = list(filled(step.args, held))
        args[place] = number
        result: Tensor = step.kernel(*args, **step.kwargs)
        return result

    return change


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
    made = made_before(at, recording)
    before = [slot for slot in said.of if slot in recording.given or slot in made]
    for place, slot in enumerate(step.args):
        known = {said.whole(slot)}
        for other in before if floating(recording, slot) else ():
            words = said.whole(other)
            if words not in known and alike_in_shape(slot, other, recording):
                known.add(words)
                where = f"{words} stands where {said.whole(slot)} belongs in {said.step(step)}"
                yield "wrong tensor", where, with_slot(step, place, other)


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


def with_slot(step: Step, place: int, other: Slot, read: Callable[[Tensor], Tensor] = Tensor.clone) -> Change:
    def change(held: Values) -> Tensor:
        args = list(filled(step.args, held))
        args[place] = read(held[other])
        result: Tensor = step.kernel(*args, **step.kwargs)
        return result

    return change
