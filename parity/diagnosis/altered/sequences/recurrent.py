"""Hypotheses of a layer that walks along a sequence: what is lost on the way back, what is read in a wrong order."""

from collections import OrderedDict
from itertools import product

import torch
from torch import Tensor

from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.altered.sequences import ahead, unrolled
from parity.diagnosis.altered.sequences.faults import Told, faults_of
from parity.diagnosis.altered.sequences.wrong import Wrong
from parity.diagnosis.edited.pairs import MOST_PAIRS, TWO, agreeing, allowed_at, sampled
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, Explanation, Explanations, Symptom, observed
from parity.verdict.draw import Draw, Tensors
from parity.verdict.trial import Seen

DRAWS_KEPT = 4
KEPT: OrderedDict[int, tuple[Draw, dict[tuple[str, Wrong], Tensors]]] = OrderedDict()  # see quantities
GLANCE = 1e-4  # relative: what tells faults from one another, and judges nothing


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, then what two give at once; where the right formula gives the truth."""
    if (family := family_of(symptom)) is None:
        return
    found = False
    for told in faults_of(family, is_linear(symptom)):
        if symptom.of_forward and told[2].value_alone:
            continue  # the same as where it is wrong throughout
        value = quantities(symptom, family, told[2]).get(symptom.quantity)
        if value is not None and value.shape == symptom.truth.shape:
            found |= symptom.fit(value) >= BUT_FOR_ROUNDING
            yield Explanation(*told[:2], value)
    if not found:
        yield from two_at_once(symptom, family)


def family_of(symptom: Symptom) -> str | None:
    """Return the kind of the cell of a layer that walks along a sequence with samples; None of any other module."""
    if "h0" not in [entry.name for entry in symptom.trial.signature.inputs] or symptom.drawn.x.dim() != 3:
        return None
    for family in unrolled.STEPS:
        right = quantities(symptom, family, Wrong())
        if is_that_of(symptom, right.get("output", symptom.truth)) and symptom.quantity in right:
            return family
    return None


def is_linear(symptom: Symptom) -> bool:
    """Return whether the nonlinearity is one whose slope is 0 or 1."""
    return symptom.trial.cell.case.options.get("nonlinearity") == "relu"


def two_at_once(symptom: Symptom, family: str) -> Explanations:
    """Yield two faults that are in different terms: sought in a sequence of one moment, where their changes add up.

    A fault of the loop alone makes no difference there: it is tried beside those that fit there by themselves. What
    explains another quantity of the call is tried beside every other fault.
    """
    every = faults_of(family, is_linear(symptom))
    for one, other in product(of_siblings(symptom, family), every):
        yield from both(symptom, family, one, other)
    alone = of_one_moment(symptom)
    if alone is None:
        return
    at, known, silent = sampled(alone), [], []
    truth, got = alone.truth.flatten()[at], alone.got.flatten()[at]
    for told in every:
        value = quantities(alone, family, told[2]).get(symptom.quantity)
        if value is not None and torch.allclose(value, alone.truth):
            silent.append(told)
        elif value is not None:
            known.append((told, value.flatten()[at]))
    given, allowed = [sample for _, sample in known], allowed_at(alone, at)
    pairs = [(known[one][0], known[other][0]) for one, other in agreeing(given, truth, got, allowed)]
    by_itself = [told for told, sample in known if bool(((sample - got).abs() <= allowed).all())]
    for one, other in (*pairs[:MOST_PAIRS], *product(by_itself, silent)):
        yield from both(symptom, family, one, other)


def both(symptom: Symptom, family: str, one: Told, other: Told) -> Explanations:
    """Yield what two faults give."""
    value = quantities(symptom, family, one[2].beside_another(other[2])).get(symptom.quantity)
    if value is not None:
        yield Explanation(one[0], f"{TWO}{one[1]}; and {other[1]}", value)


def of_siblings(symptom: Symptom, family: str) -> list[Told]:
    """Return the faults that explain another quantity of the same call."""
    seen, truth = observed(symptom.trial), symptom.trial.evidence.truth
    wrong = {
        name: value.double()
        for name, value in seen.items()
        if name != symptom.quantity and value.shape == truth[name].shape and not alike(value.double(), truth[name])
    }
    found = []
    for told in faults_of(family, is_linear(symptom)) if wrong else ():
        given = quantities(symptom, family, told[2])
        if any(name in given and alike(value, given[name]) for name, value in wrong.items()):
            found.append(told)
    return found


def alike(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors are the same but for what any dtype may round, at a glance."""
    return one.shape == other.shape and float((one - other).norm()) <= GLANCE * float(other.norm())


def of_one_moment(symptom: Symptom) -> Symptom | None:
    """Return the symptom of a sequence of one moment; None where there is no such, or the quantity is right there."""
    x, case = symptom.drawn.x, symptom.trial.cell.case
    if "h0" not in [entry.name for entry in symptom.trial.signature.inputs] or x.dim() != 3:
        return None
    shape, along = list(x.shape), 1 if case.options.get("batch_first") else 0
    if shape[along] < 2 or symptom.trial.given is not None:
        return None
    shape[along] = 1
    trial = symptom.trial.at(symptom.trial.cell.with_x("one moment", *shape))
    value = observed(trial).get(symptom.quantity)
    if value is None or value.shape != trial.evidence.truth[symptom.quantity].shape:
        return None
    alone = Symptom.of(Seen(trial, symptom.quantity, value.detach().cpu()))
    return alone if alone.wrong.any() else None


def quantities(symptom: Symptom, family: str, wrong: Wrong) -> Tensors:
    """Return what a layer of this cell gives in float64 if it is wrong so; nothing where it cannot be."""
    drawn = symptom.drawn
    _, known = KEPT.pop(id(drawn), (drawn, {}))
    KEPT[id(drawn)] = drawn, known  # the draw is kept with it, so that no other gets its id
    while len(KEPT) > DRAWS_KEPT:
        KEPT.popitem(last=False)
    if (family, wrong) not in known:
        known[family, wrong] = computed(symptom, family, wrong)
    return known[family, wrong]


def computed(symptom: Symptom, family: str, wrong: Wrong) -> Tensors:
    """Return the same, without looking whether it was asked for before."""
    drawn = symptom.drawn
    given = [value.double() for value in drawn.inputs if value is not None]
    parameters = {name: value.double() for name, value in drawn.parameters.items()}
    dys = [dy if dy is None else dy.double() for dy in drawn.cotangents]
    try:
        if wrong.ahead:
            return ahead.quantities(family, symptom.trial.cell.case.options, parameters, given, dys, wrong.ahead)
        return unrolled.quantities(family, symptom.trial.cell.case.options, parameters, given, dys, wrong)
    except (RuntimeError, ValueError, KeyError, IndexError):
        return {}
