"""What the failed records of a check look like: explanations of their numbers, shapes, broken promises and errors."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

from parity.contract import CHECKS
from parity.diagnosis.search import MOST, Guess, guesses
from parity.diagnosis.shapes import of_exception, of_structure
from parity.diagnosis.spared import spared
from parity.verdict.trial import Judged, Seen, Trial
from reports.record import Parity

MOST_CONDITIONS = 3  # in one line


def line(ordered: Sequence[Guess]) -> str:
    """Return the guesses in one line, in their order; empty if there are none."""
    met = [guess.words for guess in ordered if guess.is_condition][:MOST_CONDITIONS]
    fitting = [guess.words for guess in ordered if not guess.is_condition][:MOST]
    either = [" or ".join(fitting)] if fitting else []
    leads = bool(ordered) and ordered[0].is_condition
    return "; ".join([*met, *either] if leads else [*either, *met])


def diagnosed(trial: Trial, judged: Sequence[Judged]) -> dict[str, list[Guess]]:
    """Return the guesses for every quantity whose elements failed in a check of this trial: at its first failure."""
    first: dict[str, Seen] = {}
    for one in judged:
        if one.seen:
            first.setdefault(one.seen.quantity, one.seen)
    return {name: attempted(seen, trial) for name, seen in first.items()}


def attempted(seen: Seen, base: Trial) -> list[Guess]:
    """Return the guesses; if the subject raises when it is run again, one that says so: the verdict stands.

    What is tried is often odd, and torch may warn of it: where warnings are errors, that would cut the search short.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            return guesses(seen, base)
    except Exception as error:
        return [Guess("error", f"no explanation: another run ended in {type(error).__name__}: {error}")]


def explain(trial: Trial, judged: Sequence[Judged]) -> list[Parity]:
    """Return the records, the failed ones with what they look like; that takes further runs of the subject.

    `diagnosis` is the line that is printed beside a record, `fits` all that fits it, the likeliest first.
    """
    guessed = diagnosed(trial, judged)
    right = spared(trial) if any(one.record.verdict == "error" for one in judged) else ""
    explained = []
    for one in judged:
        if one.fails:
            found = said(trial, one, guessed)
            fits = tuple(f"{guess.kind}: {guess.words}" for guess in found)
            explained.append(replace(one.record, diagnosis=line(found), fits=fits))
        else:
            explained.append(of_error(trial, one.record, right) if one.record.verdict == "error" else one.record)
    return explained


def of_error(trial: Trial, record: Parity, right: str) -> Parity:
    """Return the record of an exception with the conditions under which there is none, and what its words look like."""
    looks = of_exception(record.detail, trial)
    fits = (f"empty slice: {looks}",) if looks else ()
    return replace(record, diagnosis="; ".join(filter(None, (right, looks))), fits=fits)


def said(trial: Trial, judged: Judged, guessed: Mapping[str, list[Guess]]) -> list[Guess]:
    """Return the guesses for what failed: those for its numbers, its structure, or the broken promise."""
    of_numbers = guessed.get(judged.seen.quantity, []) if judged.seen else []
    promise = "" if of_numbers else broken(trial, judged.record.quantity)
    if of_numbers or promise:
        return of_numbers or [Guess("promise", promise)]
    return [] if judged.seen or not CHECKS[trial.cell.check].one_call else of_structure(trial, judged.record.quantity)


def broken(trial: Trial, quantity: str) -> str:
    """Return what the broken promise of a check looks like; empty if its check does not say."""
    check = CHECKS.get(trial.cell.check)
    try:
        return check.looks_like(trial, quantity) if check and check.looks_like else ""
    except Exception:  # the subject's own, in a further run; the verdict on the first stands
        return ""
