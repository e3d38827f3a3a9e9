"""Hypotheses of size: zeros, a sign, a constant factor and the number that it comes from."""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.sizes.readings import CLOSER, NOT_DIVIDED, readings, tolerance
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, COVERED, Explanation, Explanations, Symptom, observed
from parity.verdict.compare import best_factor
from parity.verdict.trial import Trial

LEAST_APART = 1e-4  # from 1, of a factor that is told in six digits
OTHER_BATCH = 3  # samples more than the case has, to tell the batch size from another number that is equal to it
AND = "; and times "  # between an explanation and a factor that is wrong beside it
LEAST = 8  # wrong elements by which two things at once are told
LEAST_TELLING = 2  # wrong elements that are the same multiple of what they should be
MOST_UNDER_ROOT, OF_ROOTS = 512.5, 1e-5  # of a factor told as a root; relative, of its square: chance is as near in 1 %
MOST_READINGS = 3  # of one factor that are told
SAME_SHARE = 4.0  # units of rounding, that a factor may differ from 1 for no reason
OF_MEANS = "in place of"  # in the reading of a factor that says most


def told(factor: float) -> str:
    """Return a factor in words: with as many digits as tell it from 1."""
    apart = abs(factor - 1)
    if apart >= LEAST_APART:
        return f"off by the constant factor {factor:.6g}{as_root(factor)}"
    digits = 1 - math.floor(math.log10(apart))
    return f"off by a relative {apart:.2g} everywhere, the constant factor {factor:.{digits}f}"


def as_root(factor: float) -> str:
    """Return a factor as the root of a small whole number, or 1 over it, in brackets; empty where it is none."""
    for words, root in (("the root of {}", factor), ("1 over the root of {}", 1 / factor)):
        square = root * root
        whole = round(square) if square < MOST_UNDER_ROOT else 0
        if whole > 1 and math.isqrt(whole) ** 2 != whole and abs(square / whole - 1) < OF_ROOTS:
            return f" ({words.format(whole)})"
    return ""


def factor_elsewhere(symptom: Symptom) -> tuple[float, Trial] | None:
    """Return the factor at another batch size, and the trial there; None if there is none to be had."""
    case = symptom.trial.cell.case
    if symptom.trial.given is not None or not case.x:
        return None
    cell = symptom.trial.cell.with_x("more", case.x[0] + OTHER_BATCH, *case.x[1:])
    trial = symptom.trial.at(cell)
    got = observed(trial)
    try:
        wanted = trial.conditioned(got).evidence.truth[symptom.quantity]
    except (RuntimeError, ValueError, KeyError):
        return None
    value = got.get(symptom.quantity)
    if value is None or value.shape != wanted.shape:
        return None
    return best_factor(value.detach().cpu().double(), wanted), trial


def named(factor: float, symptom: Symptom) -> list[tuple[str, frozenset[str]]]:
    """Return the words for a positive factor, the likeliest first, and where it is 1: those that hold elsewhere too."""
    names: Mapping[str, frozenset[str]] = readings(factor, symptom.trial)
    elsewhere = factor_elsewhere(symptom) if names or symptom.truth.numel() == 1 else None
    if elsewhere is not None and not names and abs(abs(elsewhere[0]) / factor - 1) > tolerance(symptom.trial):
        return []  # any number is a multiple of any other
    if elsewhere is not None:
        there = readings(abs(elsewhere[0]), elsewhere[1])
        names = {name: at_one for name, at_one in names.items() if name in there}
    ordered = sorted(
        names.items(),
        key=lambda entry: tuple(
            word not in entry[0] for word in (NOT_DIVIDED, OF_MEANS, "of the kernel", "option", "times")
        ),
    )
    return ordered[:MOST_READINGS] or [(told(factor), frozenset())]


def spelled(names: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]] | None:
    """Return the words for the two likeliest readings of a factor, and where the first is 1."""
    ordered = sorted(names, key=lambda name: "times" not in name)
    other = f", or {ordered[1]}" if len(ordered) > 1 else ""
    return (ordered[0] + other, names[ordered[0]]) if ordered else None


def zero_or_sign(symptom: Symptom) -> Explanations:
    """Yield: all zeros, and not only numbers that are small beside the truth; the sign is wrong."""
    if (symptom.got == 0).double().mean() >= COVERED:
        yield Explanation("zero", "it is zero everywhere", torch.zeros_like(symptom.truth))
    yield Explanation("sign", "the sign is wrong", -symptom.truth)


def constant_factor(symptom: Symptom) -> Explanations:
    """Yield: a constant factor, named after the size that it comes from."""
    factor = best_factor(symptom.got, symptom.truth)
    predicted = factor * symptom.truth
    telling = symptom.wrong & symptom.finite & (symptom.truth.abs() > symptom.floor)
    alone = symptom.truth.numel() > 1 and int(telling.sum()) < LEAST_TELLING
    if not factor or abs(abs(factor) - 1) < SAME_SHARE * symptom.u or not symptom.fit(predicted):
        return
    sign = ", and the sign is wrong" if factor < 0 else ""
    for words, at_one in named(abs(factor), symptom):
        if alone and not any(sure in words for sure in (NOT_DIVIDED, OF_MEANS)):
            continue  # any number is a multiple of any other
        yield Explanation("factor", f"it is {words}{sign}", predicted, at_one)


def with_a_factor(symptom: Symptom, explanation: Explanation) -> Explanation | None:
    """Return an explanation of which a multiple fits, with the factor; None where that explains nothing more."""
    predicted, telling = explanation.predicted, int((symptom.wrong & symptom.finite).sum())
    if predicted.shape != symptom.got.shape or telling < LEAST or not bool(predicted.isfinite().all()):
        return None
    factor = best_factor(symptom.got, predicted)
    of_truth = best_factor(predicted, symptom.truth) * symptom.truth
    if not factor or abs(factor - 1) < CLOSER:
        return None
    if float((predicted - of_truth).norm()) <= CLOSER * float(predicted.norm()):
        return None  # it is a multiple of the truth itself
    if symptom.fit(factor * predicted) < BUT_FOR_ROUNDING:
        return None
    return Explanation(explanation.kind, f"{explanation.words}{AND}{factor:.6g}", factor * predicted)


def constant_offset(symptom: Symptom) -> Explanations:
    """Yield: a constant is added to every element."""
    apart = (symptom.got - symptom.truth)[symptom.finite]
    if symptom.truth.numel() > 1 and apart.numel():
        offset = float(apart.mean())
        yield Explanation("offset", f"{offset:.4g} is added to every element", symptom.truth + offset)


def partial_factor(symptom: Symptom, words: str, without: Tensor | None, kind: str) -> Explanations:
    """Yield: the part of the truth that `words` brings in is left out, or does not count exactly once.

    `without` is the quantity without that part; that it counts c times predicts without + c (truth - without).
    """
    if without is None or without.shape != symptom.truth.shape:
        return
    part = symptom.truth - without
    count, within = best_factor(symptom.got - without, part), tolerance(symptom.trial)
    predicted = without + count * part
    if not symptom.fit(predicted):
        return
    if abs(count) < within:
        yield Explanation(f"{kind} missing", f"{words} is left out", without)
    elif abs(count + 1) < within:
        yield Explanation("sign", f"{words} has the wrong sign", predicted)
    elif abs(count - 2) < within:
        yield Explanation("doubled", f"{words} counts twice", predicted)
    else:
        name, at_one = named_part(abs(count), symptom.trial)
        yield Explanation("factor", f"{words} is {name}", predicted, at_one)


def named_part(count: float, trial: Trial) -> tuple[str, frozenset[str]]:
    """Return the words for the factor of a part of the truth, and where it is 1."""
    return spelled(readings(count, trial)) or (told(count), frozenset())


def coupling_term(symptom: Symptom) -> Explanations:
    """Yield, for dx: the term that couples the elements, beside y dy, is left out, or is there twice."""
    dy, y = symptom.drawn.dy, symptom.trial.evidence.truth["output"]
    if symptom.quantity == "dx" and dy is not None and dy.shape == y.shape == symptom.truth.shape:
        yield from partial_factor(symptom, "the term beside y dy, which couples the elements,", y * dy.double(), "term")


def parameter_counts(symptom: Symptom) -> Explanations:
    """Yield, for every parameter: left out, of the wrong sign, counted twice, divided by a size."""
    drawn = symptom.drawn
    for name, value in drawn.parameters.items():
        other = replace(drawn, parameters=drawn.parameters | {name: torch.zeros_like(value)})
        yield from partial_factor(symptom, name, symptom.reference(other), "parameter")
