"""What a script can do to a module to show a fault: call it, in some layout, once or twice; and what is wrong then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from parity.contract.numbers.layouts import LAYOUTS, apart, repeated
from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.draw import Draw
from parity.verdict.reading import Reading, gradients, same_bits
from parity.verdict.trial import Trial

ERROR = "error"  # the quantity of a call that ends in an exception
VALUE, STRUCTURE, MISSING, CHANGED, STOPPED = "value", "structure", "missing", "changed", "stopped"
EXPANDED = "expanded"
ARRANGED = {**LAYOUTS, EXPANDED: apart}


class Act(Protocol):
    """What is done to a module, and what is wrong with what comes of it."""

    def covers(self, trial: Trial, quantity: str) -> bool:
        """Return whether a fault of this quantity could show."""

    def faults(self, trial: Trial) -> Mapping[str, str]:
        """Return what kind of fault each wrong quantity has; empty too where torch.nn, or the subject, refuses."""


def arranged(layout: str, values: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
    """Return tensors in a layout; an empty name leaves them as they are."""
    return tuple(ARRANGED[layout](value) if layout and value is not None else value for value in values)


@dataclass(frozen=True)
class Arranged(Trial):
    """A trial whose input and cotangent lie in memory in another way; an empty name is contiguous."""

    of_x: str = ""
    of_dy: str = ""

    def inputs(self) -> tuple[Any, ...]:
        return arranged(self.of_x, super().inputs())

    def cotangents(self) -> tuple[Tensor | None, ...]:
        return arranged(self.of_dy, super().cotangents())


@dataclass(frozen=True)
class CalledWith:
    """Forward and backward, so many rounds of them, with input and cotangent in these layouts."""

    of_x: str = ""
    of_dy: str = ""
    rounds: int = 1

    def covers(self, trial: Trial, quantity: str) -> bool:
        return quantity == ERROR or quantity in trial.evidence.truth

    def arranged(self, trial: Trial) -> Arranged:
        """Return the trial of this call."""
        given = repeated(trial.drawn) if EXPANDED in (self.of_x, self.of_dy) else trial.given
        return Arranged(trial.cell, trial.subject, given, of_x=self.of_x, of_dy=self.of_dy)

    def read(self, trial: Trial) -> Reading:
        """Return what comes; of gradients that several rounds have accumulated, the share of one."""
        built, reading = trial.build(), Reading()
        for _ in range(self.rounds):
            reading = trial.read(built)
            if reading.error:
                break
        of_parameters = {f"d{name}" for name in trial.drawn.parameters}
        for name in reading.keys() & of_parameters if self.rounds > 1 else ():
            reading[name] = reading[name] / self.rounds if isinstance(reading[name], Tensor) else reading[name]
        return reading

    def faults(self, trial: Trial) -> Mapping[str, str]:
        try:
            at = self.arranged(trial)
            truth = at.evidence.truth
        except Exception:
            return {}
        try:
            reading = self.read(at)
        except Exception as error:
            return ended(error)
        faults = {name: MISSING for name in truth if name not in reading and not reading.error}
        for one in at.judge({name: reading[name] for name in truth if name in reading}):
            if one.fails and one.record.quantity in reading:
                faults[one.record.quantity] = VALUE if one.record.elements else STRUCTURE
        return faults | (ended(reading.error) if reading.error else {})


@dataclass(frozen=True)
class Untouched:
    """Forward and backward leave what they are given as it was."""

    def covers(self, trial: Trial, quantity: str) -> bool:
        return quantity in self.given(trial.drawn)

    @staticmethod
    def given(drawn: Draw) -> dict[str, str]:
        """Return what must stay as it was, by its quantity: how a script names it."""
        named = {f"input {number}": f"inputs[{number}]" for number in range(len(drawn.inputs))}
        return named | {"inputs after backward": "inputs[0]"} | ({} if drawn.dy is None else {"dy": "dys[0]"})

    def faults(self, trial: Trial) -> Mapping[str, str]:
        try:
            given, dys, built = trial.inputs(), trial.cotangents(), trial.build()
            built.forward(*given)
            built.backward(*dys)
        except Exception:
            return {}
        now = {f"inputs[{number}]": value for number, value in enumerate(given)} | {"dys[0]": dys[0]}
        fresh = {f"inputs[{number}]": value for number, value in enumerate(trial.inputs())} | {"dys[0]": trial.dy()}
        named = self.given(trial.drawn)
        return {name: CHANGED for name, place in named.items() if not alike(now[place], fresh[place])}


@dataclass(frozen=True)
class Cleared:
    """A clearing of the gradients after forward and backward leaves zeros."""

    WORD = " cleared"

    def covers(self, trial: Trial, quantity: str) -> bool:
        return quantity.endswith(self.WORD) and quantity.removesuffix(self.WORD) in trial.evidence.truth

    def faults(self, trial: Trial) -> Mapping[str, str]:
        try:
            built = trial.build()
            trial.observe(built)
            built.zero_grad()
            left = gradients(built)
        except Exception:
            return {}
        return {
            f"{name}{self.WORD}": CHANGED for name, value in left.items() if isinstance(value, Tensor) and value.any()
        }


def ended(error: Exception) -> dict[str, str]:
    """Return the fault of a call that ended in an exception; none where the subject says that it lacks it."""
    if isinstance(error, Unsupported):
        return {}
    return {ERROR: STOPPED if isinstance(error, Stopped) else type(error).__name__}


def alike(now: Tensor | None, fresh: Tensor | None) -> bool:
    return now is None or fresh is None or same_bits(now, fresh)


PLAIN = CalledWith()
ACTS: Sequence[Act] = (  # the plainest first: the first that shows the fault is the one that the script does
    PLAIN,
    CalledWith(rounds=2),
    *(CalledWith(of_x=name) for name in LAYOUTS),
    *(CalledWith(of_dy=name) for name in LAYOUTS),
    *(CalledWith(of_x, of_dy) for of_x in LAYOUTS for of_dy in LAYOUTS),
    CalledWith(EXPANDED, EXPANDED),
    Untouched(),
    Cleared(),
)
