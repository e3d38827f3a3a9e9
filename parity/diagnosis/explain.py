"""The explanations of a failed quantity, those that fit best first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from parity.contract import CHECKS
from parity.diagnosis.hypotheses import (
    factors,
    formulas,
    inputs,
    options,
    order,
    overflow,
    parameters,
    places,
    precision,
    reruns,
)
from parity.diagnosis.conditions import conditions, spared
from parity.diagnosis.symptom import Explanations, Symptom
from parity.verdict.trial import Judged, Seen, Trial
from reports.record import Parity

# In order: what is particular comes before what is general. Those that fit roughly come after all that fit.
HYPOTHESES: Sequence[Callable[[Symptom], Explanations]] = (
    precision.result_rounded,
    factors.zero_or_sign,
    reruns.another_call,
    overflow.of_exponentials,
    factors.constant_factor,
    formulas.chain_rule,
    reruns.itself,
    options.option_ignored,
    places.telling_region,
    formulas.missing_factor,
    reruns.of_cotangent,
    reruns.at_another_tensor,
    options.layer_left_out,
    inputs.input_changed,
    factors.coupling_term,
    factors.parameter_counts,
    parameters.read_otherwise,
    precision.inputs_rounded,
    order.reordered,
    order.averaged,
    order.permuted,
    places.one_region,
)
LAST_BUT_ONE = HYPOTHESES[-2]  # the last is tried only where nothing else fits: a region alone says little
BUT_FOR_ROUNDING = 2  # the fit of an explanation that leaves rounding errors alone
MOST = 2  # explanations in one line
LARGEST = 2**16  # elements of the input above which the quantity is not explained: it takes too long


@dataclass(frozen=True)
class Guess:
    """One thing that a quantity looks like: the kind of cause, and the words."""

    kind: str
    words: str


def guesses(seen: Seen, base: Trial) -> list[Guess]:
    """Return what a quantity that failed looks like, the likeliest first; `base` is the trial of the whole check.

    A condition under which it is right comes first, unless the best explanation makes no difference there either.
    """
    symptom = Symptom.of(seen)
    fits = fitting(symptom)
    ordered = sorted(fits, key=lambda guess: -fits[guess][0])
    vanishes = fits[ordered[0]][1] if ordered else frozenset()
    stale = bool(ordered) and ordered[0].kind == "stale"
    met = [
        Guess(f"right if {met.key}", met.words)
        for met in conditions(symptom, base)
        if met.key not in vanishes and not (stale and met.key.startswith("first"))
    ]
    return [*met, *ordered]


def fitting(symptom: Symptom) -> dict[Guess, tuple[int, frozenset[str]]]:
    """Return the guesses that fit, in the order of HYPOTHESES: how well, and where each makes no difference.

    The search ends where enough of them fit but for rounding.
    """
    fits: dict[Guess, tuple[int, frozenset[str]]] = {}
    for hypothesis in HYPOTHESES:
        for explanation in hypothesis(symptom):
            fit = symptom.fit(explanation.predicted)
            if fit:
                fits.setdefault(Guess(explanation.kind, explanation.words), (fit, explanation.vanishes))
        if (fits and hypothesis is LAST_BUT_ONE) or sum(fit == BUT_FOR_ROUNDING for fit, _ in fits.values()) >= MOST:
            break
    return fits


def line(ordered: Sequence[Guess]) -> str:
    """Return the guesses in one line; empty if there are none."""
    met = [guess.words for guess in ordered if guess.kind.startswith("right if")]
    fitting = [guess.words for guess in ordered if not guess.kind.startswith("right if")][:MOST]
    return "; ".join([*met, *([" or ".join(fitting)] if fitting else [])])


def diagnosed(trial: Trial, judged: Sequence[Judged]) -> dict[str, list[Guess]]:
    """Return the guesses for every quantity whose elements failed in a check of this trial: at its first failure."""
    first: dict[str, Seen] = {}
    for one in judged:
        if one.seen:
            first.setdefault(one.seen.quantity, one.seen)
    small = {name: seen for name, seen in first.items() if seen.trial.drawn.inputs[0].numel() <= LARGEST}
    return {name: attempted(seen, trial) for name, seen in small.items()}


def attempted(seen: Seen, base: Trial) -> list[Guess]:
    """Return the guesses; if the subject raises when it is run again, one that says so: the verdict stands."""
    try:
        return guesses(seen, base)
    except Exception as error:
        return [Guess("error", f"no explanation: another run ended in {type(error).__name__}: {error}")]


def explain(trial: Trial, judged: Sequence[Judged]) -> list[Parity]:
    """Return the records, the failed ones with what they look like; that takes further runs of the subject."""
    guessed = diagnosed(trial, judged)
    right = spared(trial) if any(one.record.verdict == "error" for one in judged) else ""
    words = [line(said(trial, one, guessed)) if one.fails else right for one in judged]
    return [
        replace(one.record, diagnosis=said_of) if one.record.verdict in ("fail", "error") else one.record
        for one, said_of in zip(judged, words, strict=True)
    ]


def said(trial: Trial, judged: Judged, guessed: Mapping[str, list[Guess]]) -> list[Guess]:
    """Return the guesses for what failed: those for its quantity, or what the broken promise looks like."""
    of_numbers = guessed.get(judged.seen.quantity, []) if judged.seen else []
    promise = "" if of_numbers else broken(trial, judged.record.quantity)
    return of_numbers or ([Guess("promise", promise)] if promise else [])


def broken(trial: Trial, quantity: str) -> str:
    """Return what the broken promise of a check looks like; empty if its check does not say."""
    check = CHECKS.get(trial.cell.check)
    try:
        return check.looks_like(trial, quantity) if check and check.looks_like else ""
    except Exception:  # the subject's own, in a further run; the verdict on the first stands
        return ""
