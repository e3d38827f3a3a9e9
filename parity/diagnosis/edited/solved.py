"""A number is solved for: how often a step would have to count, what would have to be added, or its own number."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.diagnosis.edited.edit import Edit, with_number
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.numbers import numbers_of
from parity.diagnosis.edited.recording import Change, Recording, Values, done
from parity.diagnosis.hypotheses.sizes.factors import spelled
from parity.diagnosis.hypotheses.sizes.readings import readings, tolerance
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, Symptom
from parity.verdict.compare import best_factor
from parity.verdict.perturbed.program import Step

MOST_TURNS = 8  # of the secant
FIRST = 1.25  # times the number that is right, where the secant starts
EXPLAINED = 0.5  # of the error, that the first turn must explain
SETTLED = 1e-9  # relative: of the last move
LEAST = 4  # wrong elements: any one of them is right by some number
NEARLY = 1e-4  # a whole number
DIGITS = 4  # in which a number that nothing names is told

UNSOLVED = frozenset("masked_fill pow".split())  # kernels of which no other number is sought

Attempted = Callable[[Edit], Tensor | None]


@dataclass(frozen=True)
class Unknown:
    """A number that may be another: what it is, and the steps with it as it would be."""

    right: float
    changes: Callable[[float], Mapping[int, Change]]
    told: Callable[[float], tuple[str, str]]  # kind and words


def solutions(symptom: Symptom, recording: Recording, attempted: Attempted) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the number that gives what came: kind, words and what it gives.

    One that has a name comes before others, of which that comes first on which what came depends most simply.
    """
    at = (symptom.wrong & symptom.finite).flatten().nonzero().flatten()
    if len(at) < LEAST:
        return
    unnamed: list[tuple[int, tuple[str, str, Tensor]]] = []
    for unknown in unknowns(symptom, recording):
        number, turns = solved(unknown, symptom, at, attempted)
        predicted = None if number is None else attempted(Edit("", "", unknown.changes(number)))
        if (
            number is None
            or predicted is None
            or symptom.fit(predicted) < BUT_FOR_ROUNDING
            or is_share(symptom, predicted)
        ):
            continue
        kind, words = unknown.told(number)
        if kind:
            yield kind, words, predicted
            return
        unnamed.append((turns, ("number", words, predicted)))
    for _, plainest in sorted(unnamed, key=lambda entry: entry[0])[:1]:
        yield plainest


def is_share(symptom: Symptom, predicted: Tensor) -> bool:
    """Return whether a prediction is the truth times a number: that is told without a step."""
    at = symptom.finite & predicted.isfinite()
    one, other = predicted[at], symptom.truth[at]
    return bool((one - best_factor(one, other) * other).norm() <= SETTLED * one.norm())


def unknowns(symptom: Symptom, recording: Recording) -> Iterator[Unknown]:
    """Yield the numbers of a recording: those that kernels are called with, and how often each step counts."""
    said = Expressions(recording)
    for (name, number), places in numbers_of(recording.computing).items():
        if name not in UNSOLVED:
            yield of_argument(number, places, said)
    for at, step in recording.computing:
        if recording.values[step.results].is_floating_point():
            yield of_step(at, step, said, symptom)
    for at, step in recording.computing:
        if recording.values[step.results].is_floating_point():
            yield of_offset(at, step, said)


def of_argument(number: float, places: Sequence[tuple[int, Step, int]], said: Expressions) -> Unknown:
    """Return the number that kernels are called with."""
    where = said.step(places[0][1])
    return Unknown(
        float(number),
        lambda other: {at: with_number(step, place, other) for at, step, place in places},
        lambda other: ("number", f"{number:.6g} is taken as {other:.{DIGITS}g} in {where}"),
    )


def of_step(at: int, step: Step, said: Expressions, symptom: Symptom) -> Unknown:
    """Return the number of times that a step counts: once."""
    return Unknown(1.0, lambda n: {at: times(step, n)}, lambda n: counted(said.step(step), n, symptom))


def of_offset(at: int, step: Step, said: Expressions) -> Unknown:
    """Return the number that is added to what a step gives: none."""
    what = said.step(step)

    def told(number: float) -> tuple[str, str]:
        whole = float(round(number))
        near = whole != 0 and abs(number - whole) <= NEARLY
        kind = "offset" if near else ""
        return (
            kind,
            f"{abs(whole if near else number):.{DIGITS}g} is {'added to' if number > 0 else 'taken from'} {what}",
        )

    return Unknown(0.0, lambda number: {at: plus(step, number)}, told)


def plus(step: Step, number: float) -> Change:
    def change(held: Values) -> Tensor:
        result: Tensor = done(step, held) + number
        return result

    return change


def counted(what: str, count: float, symptom: Symptom) -> tuple[str, str]:
    """Return the kind and the words of a step that counts so many times and not once; no kind if no name fits."""
    sign = ", and the sign is wrong" if count < 0 else ""
    if abs(count) < tolerance(symptom.trial):
        return "term missing", f"{what} is missing"
    if abs(count + 1) < tolerance(symptom.trial):
        return "sign", f"{what} has the wrong sign"
    name = spelled(readings(abs(count), symptom.trial))
    if name is None:
        return "", f"{what} is {count:.{DIGITS}g} times what it should be"
    return "factor", f"{what} is {name[0]}{sign}"


def times(step: Step, number: float) -> Change:
    def change(held: Values) -> Tensor:
        result: Tensor = number * done(step, held)
        return result

    return change


def solved(unknown: Unknown, symptom: Symptom, at: Tensor, attempted: Attempted) -> tuple[float | None, int]:
    """Return the number by which the elements in these places are what came, and the turns that the secant took.

    None stands for the number where there is none.
    """
    got, last, before = symptom.got.flatten()[at], symptom.truth.flatten()[at], unknown.right
    number, error = before * FIRST if before else 1.0 - 1 / FIRST, (got - last).norm()
    turn = 0
    for turn in range(MOST_TURNS):
        predicted = attempted(Edit("", "", unknown.changes(number)))
        if predicted is None or predicted.shape != symptom.got.shape:
            return None, turn
        now = predicted.flatten()[at]
        slope = (now - last) / (number - before)
        size = float(slope @ slope)
        if not 0 < size < torch.inf:
            return None, turn
        move = float(slope @ (got - now)) / size
        if not turn and float((got - now - move * slope).norm()) > EXPLAINED * float(error):
            return None, turn
        before, last, number = number, now, number + move
        if abs(move) <= SETTLED * abs(number):
            break
    return number, turn
