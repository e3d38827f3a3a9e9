"""The search: which explanations fit a symptom, and in which order they are told."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from parity.diagnosis.altered import (
    activations,
    class_targets,
    cosine,
    kept,
    losses,
    normalised,
    operands,
)
from parity.diagnosis.altered.attention import heads, scores
from parity.diagnosis.altered.images import given_back, moved, overwritten, pooled, windows
from parity.diagnosis.altered.sequences import recurrent
from parity.diagnosis.conditions import Condition, conditions
from parity.diagnosis.edited import moments, otherwise
from parity.diagnosis.history import History, Met, history
from parity.diagnosis.hypotheses import (
    another_loss,
    cancellation,
    formulas,
    inputs,
    memory,
    numbers,
    options,
    order,
    overflow,
    parameters,
    places,
    precision,
    reruns,
    second,
)
from parity.diagnosis.hypotheses.sizes import added, factors
from parity.diagnosis.symptom import AS_RIGHT, BUT_FOR_ROUNDING, ROUGHLY, Explanation, Explanations, Symptom
from parity.verdict.trial import Seen, Trial
from reports.text import generic

Hypothesis = Callable[[Symptom], Explanations]
# In order: what is particular comes before what is general. Those that fit roughly come after all that fit.
HYPOTHESES: Sequence[Hypothesis] = (
    memory.not_repeatable,
    memory.drawn_anew,
    precision.result_rounded,
    second.constant_or_first,
    factors.zero_or_sign,
    precision.truncated,
    reruns.another_call,
    overflow.of_exponentials,
    overflow.swallowed,
    activations.naive,
    losses.naive,
    overflow.of_one_exponential,
    scores.otherwise,
    heads.otherwise,
    factors.constant_factor,
    formulas.chain_rule,
    reruns.itself,
    recurrent.otherwise,
    normalised.otherwise,
    kept.otherwise,
    pooled.otherwise,
    overwritten.otherwise,
    moved.otherwise,
    given_back.otherwise,
    options.option_ignored,
    numbers.of_numbers,
    numbers.argument_left_out,
    numbers.of_marked,
    activations.otherwise,
    activations.summed_elsewhere,
    activations.temperature,
    losses.otherwise,
    another_loss.otherwise,
    class_targets.otherwise,
    cosine.otherwise,
    windows.swapped,
    windows.misplaced,
    places.telling_region,
    formulas.missing_factor,
    operands.otherwise,
    added.weighed_as_a_whole,
    added.summed_before,
    added.of_tensor,
    added.clipped,
    reruns.of_cotangent,
    reruns.of_other_inputs,
    reruns.at_another_tensor,
    options.layer_left_out,
    factors.constant_offset,
    inputs.input_changed,
    factors.coupling_term,
    factors.parameter_counts,
    parameters.read_otherwise,
    precision.inputs_rounded,
    order.reordered,
    order.averaged,
    order.permuted,
    otherwise.one_or_two,
    moments.in_one_moment,
    cancellation.digits_lost,
    places.one_region,
)
COSTLY = (otherwise.one_or_two, moments.in_one_moment)  # that are tried only where no other tells much
LAST_BUT_ONE = len(HYPOTHESES) - 2  # the last is tried only where nothing else fits: a region alone says little
OF_ANY_SIZE: Sequence[Hypothesis] = (factors.zero_or_sign, places.one_region)  # of a quantity that is large
MOST = 2  # explanations in one line
MOST_OF_LARGE = 3  # hypotheses that are tried on a large quantity, beside those that take no time
LARGEST = 2**16  # elements of the input above which only little is tried: the rest takes too long
WEAK = ("region in region", "cancellation")  # kinds that tell little


@dataclass(frozen=True)
class Guess:
    """One thing that a quantity looks like: the kind of cause, and the words."""

    kind: str
    words: str

    @property
    def is_condition(self) -> bool:
        """Whether it says where the quantity is right, in place of what is wrong."""
        return self.kind.startswith("right if")


@dataclass(frozen=True)
class Fit:
    """How well an explanation fits, where it makes no difference, and which hypothesis it comes from."""

    degree: int
    vanishes: frozenset[str]
    hypothesis: int


Fits = dict[Guess, Fit]


def guesses(seen: Seen, base: Trial) -> list[Guess]:
    """Return what a quantity that failed looks like, the likeliest first; `base` is the trial of the whole check.

    A condition under which it is right comes first, unless the best explanation makes no difference there either, or
    tells more than the condition does.
    """
    symptom, known = Symptom.of(seen), history(base, seen.quantity)
    if seen.trial.drawn.x.numel() > LARGEST:
        return of_large(symptom, known)
    settled = known.settled
    fits = as_before(symptom, settled) if settled else {}
    alone = bool(fits) or known.searched(base)
    if not fits:
        fits = among_known(symptom, known) if alone else fitting(symptom, known)
    asked = settled.conditions if settled and alone else frozenset() if alone else None
    fits = without_factors(fits)
    found = list(conditions(symptom, base, asked))
    keys = {one.key for one in found}

    def likelier(guess: Guess) -> tuple[Any, ...]:
        fit = fits[guess]
        return -fit.degree, tells_little(guess), -len(fit.vanishes & keys), -known.times(guess.words)

    ordered = sorted(fits, key=likelier)
    met = [one for one in found if tells(one, ordered, fits)]
    remember(known, ordered, fits, met, base)
    return arranged(met, ordered, fits)


def without_factors(fits: Fits) -> Fits:
    """Return the guesses without those that need a factor beside them, where one fits that needs none."""
    alone = {guess: fit for guess, fit in fits.items() if factors.AND not in guess.words}
    return alone if any(fit.degree >= BUT_FOR_ROUNDING for fit in alone.values()) else fits


def of_large(symptom: Symptom, known: History) -> list[Guess]:
    """Return the guesses for a quantity that is large: of what fitted most often elsewhere, and what takes no time."""
    often = [place for place, _ in known.hypotheses.most_common(MOST_OF_LARGE)]
    fits = joined(tried(symptom, HYPOTHESES, often), tried(symptom, OF_ANY_SIZE, range(len(OF_ANY_SIZE))))
    return sorted(fits, key=lambda guess: (-fits[guess].degree, -known.times(guess.words)))


def tells(met: Condition, ordered: Sequence[Guess], fits: Fits) -> bool:
    """Return whether a condition says something beside the best explanation."""
    if not ordered:
        return True
    stale = ordered[0].kind == "stale" and met.key.startswith("first")
    return met.key not in fits[ordered[0]].vanishes and not stale and ordered[0].kind != "not repeatable"


def arranged(met: Sequence[Condition], ordered: Sequence[Guess], fits: Fits) -> list[Guess]:
    """Return conditions and explanations as they are told."""
    said = [(one, Guess(f"right if {one.key}", one.words)) for one in met]
    strong = bool(ordered) and tells_much(ordered[0], fits[ordered[0]])
    first = [guess for one, guess in said if one.leads or not strong]
    return [*first, *ordered, *(guess for _, guess in said if guess not in first)]


def tells_little(guess: Guess) -> bool:
    """Whether an explanation says less than a condition under which the quantity is right."""
    return guess.kind in WEAK or "the constant factor" in guess.words or "what it should be" in guess.words


def tells_much(guess: Guess, fit: Fit) -> bool:
    """Whether an explanation fits but for rounding, and says more than a condition would."""
    return fit.degree >= BUT_FOR_ROUNDING and not tells_little(guess)


def fits_of(symptom: Symptom, hypothesis: Hypothesis, place: int) -> Fits:
    """Return the explanations of one hypothesis that fit."""
    fits: Fits = {}
    for explanation in guarded(hypothesis, symptom):
        degree = symptom.fit(explanation.predicted) if says_something(symptom, explanation) else 0
        if not degree and (scaled := factors.with_a_factor(symptom, explanation)):
            explanation, degree = scaled, ROUGHLY
        if degree:
            fits.setdefault(Guess(explanation.kind, explanation.words), Fit(degree, explanation.vanishes, place))
    return fits


def guarded(hypothesis: Hypothesis, symptom: Symptom) -> Explanations:
    """Yield the explanations of a hypothesis up to where the subject, or torch.nn, refuses what it asks for."""
    with suppress(Exception):
        yield from hypothesis(symptom)


def says_something(symptom: Symptom, explanation: Explanation) -> bool:
    """Return whether an explanation can be told by the numbers: not a sign of what underflow leaves of the truth."""
    if explanation.kind != "sign":
        return True
    wrong = symptom.truth[symptom.wrong & symptom.finite].abs()
    return bool(wrong.numel()) and float(wrong.max()) > symptom.floor


def tried(symptom: Symptom, hypotheses: Sequence[Hypothesis], places: Sequence[int]) -> Fits:
    """Return what fits of the hypotheses in these places."""
    fits: Fits = {}
    for place in places:
        fits = joined(fits, fits_of(symptom, hypotheses[place], place))
    return fits


def joined(fits: Fits, more: Fits) -> Fits:
    """Return both; a guess of both keeps the fit that it has in the first."""
    return fits | {guess: fit for guess, fit in more.items() if guess not in fits}


def fitting(symptom: Symptom, known: History) -> Fits:
    """Return the guesses that fit, in the order of HYPOTHESES: how well, and where each makes no difference.

    What fitted before is tried in any case; beside it the search ends where enough fit as what is right would.
    """
    fits: Fits = {}
    full = 0  # hypotheses that explain all that came
    for place, hypothesis in enumerate(HYPOTHESES):
        enough = full >= MOST or (place > LAST_BUT_ONE and bool(fits))
        enough |= hypothesis in COSTLY and any(tells_much(guess, fit) for guess, fit in fits.items())
        if enough and place not in known.hypotheses:
            continue
        new = fits_of(symptom, hypothesis, place)
        full += any(fit.degree == AS_RIGHT for fit in new.values())
        fits = joined(fits, new)
    return fits


def among_known(symptom: Symptom, known: History) -> Fits:
    """Return what fits of the hypotheses that fitted before."""
    return tried(symptom, HYPOTHESES, sorted(known.hypotheses))


def as_before(symptom: Symptom, settled: Met) -> Fits:
    """Return the explanations that the last failures had in common, if the best of them fits this one too."""
    fits = tried(symptom, HYPOTHESES, sorted(settled.hypotheses)) if settled.words else {}
    full = {guess: fit for guess, fit in fits.items() if fit.degree >= BUT_FOR_ROUNDING}
    return full if any(generic(guess.words) == settled.words for guess in full) else {}


def remember(known: History, ordered: Sequence[Guess], fits: Fits, met: Sequence[Condition], base: Trial) -> None:
    """Note how this failure was explained."""
    known.searches[base.cell.check, base.cell.regime] += 1
    known.words.update({generic(guess.words) for guess in ordered})
    known.hypotheses.update({fits[guess].hypothesis for guess in ordered})
    full = [guess for guess in ordered if fits[guess].degree >= BUT_FOR_ROUNDING]
    keys, places = frozenset(one.key for one in met), frozenset(fits[guess].hypothesis for guess in full)
    known.last.append(Met(places, generic(full[0].words) if full else "", keys))
    del known.last[:-10]
