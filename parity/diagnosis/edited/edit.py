"""An edit: what a step, or several, give in place of what the reference has there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from parity.diagnosis.edited.recording import Change, Recording, Values
from parity.verdict.perturbed.program import Slot, Step, filled

ADDITIVE = frozenset("add sub rsub".split())
SCALED = frozenset("add sub rsub mul div pow".split())  # whose whole numbers are numbers, and no axes


@dataclass(frozen=True)
class Edit:
    """One thing that is otherwise: the kind of cause, the words, and what each step gives that it concerns."""

    kind: str
    words: str
    changes: Mapping[int, Change]


Edits = Iterator[tuple[str, str, Change]]


def floating(recording: Recording, value: Any) -> bool:
    """Return whether an argument is a tensor of floating-point numbers."""
    return type(value) is Slot and recording.values[value].is_floating_point()


def fits(slot: Slot, out: Slot, recording: Recording) -> bool:
    """Return whether an argument can stand in place of a result."""
    one, other = recording.values[slot], recording.values[out]
    extents = zip(reversed(one.shape), reversed(other.shape), strict=False)
    return one.dtype == other.dtype and one.dim() <= other.dim() and all(a in (1, b) for a, b in extents)


def instead(slot: Slot, like: Slot, recording: Recording) -> Change:
    """Return the change to an argument itself, in the shape of a result."""
    shape = recording.values[like].shape
    return lambda held: held[slot].expand(shape).clone()


def by(step: Step, function: Callable[..., Tensor]) -> Change:
    return lambda held: function(*filled(step.args[:2], held))


def with_number(step: Step, place: int, number: float) -> Change:
    def change(held: Values) -> Tensor:
        args = list(filled(step.args, held))
        args[place] = number
        result: Tensor = step.kernel(*args, **step.kwargs)
        return result

    return change


def with_slot(step: Step, place: int, other: Slot, read: Callable[[Tensor], Tensor] = Tensor.clone) -> Change:
    def change(held: Values) -> Tensor:
        args = list(filled(step.args, held))
        args[place] = read(held[other])
        result: Tensor = step.kernel(*args, **step.kwargs)
        return result

    return change
