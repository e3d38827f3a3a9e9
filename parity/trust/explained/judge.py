"""The judgement of one mutant: what the diagnosis says of the first failure that a user would see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parity.contract import CHECKS
from parity.diagnosis.explain import diagnosed, said
from parity.diagnosis.search import Guess
from parity.trust.cells import of_page
from parity.trust.explained.accepted import ACCEPTED, is_right
from parity.trust.kill import ours, wrong
from parity.trust.mutants import catalogue
from parity.trust.planted import Mutant, MutantSubject, hosted
from parity.verdict.cell import Cell
from parity.verdict.trial import Judged, Trial, records

OUTCOMES = ("right first", "on the list", "wrong first", "none")
NOT_KILLED = "not killed"


@dataclass(frozen=True)
class Explained:
    """What the diagnosis made of a mutant: one of OUTCOMES, or that no cell failed whose numbers could be explained."""

    id: str
    cause: str
    outcome: str
    where: str = ""
    said: str = ""


def listed() -> list[Mutant]:
    """Return the mutants whose cause a diagnosis must know."""
    return [mutant for mutant in catalogue().values() if mutant.cause in ACCEPTED]


def failures(mutant: Mutant, cell: Cell) -> tuple[Trial, list[Judged]]:
    """Return what fails in a cell with the fault and not without it, up to where the check ended in an error."""
    trial = Trial(cell, MutantSubject(mutant))
    judged, _ = CHECKS[cell.check].judged(trial)
    new = {accusation.quantity for accusation in wrong(cell, records(judged)) - ours(cell)}
    return trial, [one for one in judged if one.fails and one.record.quantity in new]


def first_failure(mutant: Mutant, seed: int) -> tuple[Trial, list[Judged]] | None:
    """Return the first cell of the plan that fails, as a user would meet it; None if none does."""
    for cell in of_page(hosted()[mutant.module], 1.0, seed):
        trial, failed = failures(mutant, cell)
        if failed:
            return trial, failed
    return None


def of_first(trial: Trial, failed: Sequence[Judged]) -> list[Guess]:
    """Return the guesses that are printed beside the first failing record that has any."""
    guessed = diagnosed(trial, failed)
    for one in failed:
        if guesses := said(trial, one, guessed):
            return guesses
    return []


def explained(mutant: Mutant, seed: int = 0) -> Explained:
    """Return what the diagnosis makes of a mutant at its first failure."""
    met = first_failure(mutant, seed)
    if met is None:
        return Explained(mutant.id, mutant.cause, NOT_KILLED)
    guesses = of_first(*met)
    right = [is_right(mutant.cause, guess) for guess in guesses]
    place = OUTCOMES[3] if not right else OUTCOMES[0] if right[0] else OUTCOMES[1] if any(right) else OUTCOMES[2]
    return Explained(
        mutant.id, mutant.cause, place, str(met[0].cell), " | ".join(f"{g.kind}: {g.words}" for g in guesses)
    )


def sample(number: int, seed: int) -> Iterator[Mutant]:
    """Yield every so-many-th of the mutants on the list, beginning where the seed says; all of them for number 0."""
    every = sorted(listed(), key=lambda mutant: (mutant.cause, mutant.id))
    stride = max(1, len(every) // number) if number else 1
    yield from every[seed % stride :: stride]
