"""The edits of numbers: an option, an epsilon, an exponent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from torch import Tensor

from parity.diagnosis.edited.edit import ADDITIVE, SCALED, Edit, by, with_number
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.recording import Values
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Step

OTHERWISE: Mapping[str, Callable[[float], float]] = {
    "0": lambda _: 0.0, "1": lambda _: 1.0, "of the other sign": lambda s: -s, "squared": lambda s: s * s,
    "its root": lambda s: s**0.5, "its inverse": lambda s: 1 / s, "1 more": lambda s: s + 1, "1 less": lambda s: s - 1,
    "twice that": lambda s: 2 * s, "half of that": lambda s: s / 2,
}  # fmt: skip


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


def numbers(steps: Sequence[tuple[int, Step]], said: Expressions, options: Mapping[str, Any]) -> Iterator[Edit]:
    """Yield: a number is another, wherever a kernel is called with it; one that an option gives is told by its name."""
    for (_, number), places in numbers_of(steps).items():
        names = [name for name, value in options.items() if type(value) is float and value == abs(number)]
        for word, function in OTHERWISE.items():
            other = value_of(function, number)
            if other is not None and other != number:
                kind, words = told(number, other, names, places[0][1], said)
                kind = "sign" if word == "of the other sign" and not names else kind
                yield Edit(kind, words, {at: with_number(step, place, other) for at, step, place in places})


def numbers_of(steps: Sequence[tuple[int, Step]]) -> dict[tuple[str, float], list[tuple[int, Step, int]]]:
    """Return where kernels are called with numbers: by kernel and number the steps, and the place of the argument."""
    called: dict[tuple[str, float], list[tuple[int, Step, int]]] = {}
    for at, step in steps:
        name = kernels.name_of(step.kernel)
        for place, number in enumerate(step.args):
            if name != "masked_fill" and (type(number) is float or (type(number) is int and name in SCALED)):
                called.setdefault((name, number), []).append((at, step, place))
    return called


def told(number: float, other: float, names: Sequence[str], step: Step, said: Expressions) -> tuple[str, str]:
    """Return the kind and the words of a number that is taken as another."""
    where = f"taken as {other:.6g} in {said.step(step)}"
    if not names:
        return "number", f"{number:.6g} is {where}"
    if other == 0 and kernels.name_of(step.kernel) in ADDITIVE:
        return "option ignored", f"the option {names[0]} is ignored: it is {where}"
    return "option otherwise", f"the option {names[0]} is {where}"


def value_of(function: Callable[[float], float], number: float) -> float | None:
    """Return a number that stands in place of another; None where there is none."""
    try:
        other = function(float(number))
    except ZeroDivisionError:
        return None
    return other if isinstance(other, float) else None
