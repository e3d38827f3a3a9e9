"""Hypotheses of order: transposed, flipped, shifted, permuted, averaged along an axis; groups mixed."""

from itertools import combinations, permutations

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.places import axis_name
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing

MOST_AXES = 4  # of a tensor, of which every order is tried
MOST_SLICES = 64  # of an axis whose order is searched


def of_axes(symptom: Symptom, *axes: int) -> frozenset[str]:
    """Return the conditions under which a change along these axes makes no difference: one sample, one channel."""
    of_image = symptom.quantity in ("output", "dx")
    conditions = {0: "batch" if of_image else "", 1: "channels"}
    return vanishing(*(conditions.get(axis, "") for axis in axes))


def misread(value: Tensor, a: int, b: int) -> Tensor:
    """Return the elements in the order of the transposed tensor, as if memory held them so."""
    return value.transpose(a, b).reshape(value.shape)


def shifted(value: Tensor, step: int, axis: int) -> Tensor:
    """Return the tensor moved by one along an axis, zeros behind."""
    moved = value.roll(step, axis).clone()
    if value.shape[axis]:
        moved.select(axis, 0 if step > 0 else -1).zero_()
    return moved


def reordered(symptom: Symptom) -> Explanations:
    """Yield: transposed, flipped or shifted along axes."""
    truth = symptom.truth
    if truth.dim() == 4:
        yield Explanation("flipped", "the kernel or image is flipped in both directions", truth.flip(2, 3))
    for a, b in combinations(range(truth.dim()), 2):
        words = f"it is transposed: {axis_name(symptom, a)} and {axis_name(symptom, b)} are swapped"
        yield Explanation("transposed", words, misread(truth, a, b), of_axes(symptom, a, b))
        yield Explanation("transposed", words, misread_back(truth, a, b), of_axes(symptom, a, b))
    yield from not_turned_back(symptom)
    for axis in range(truth.dim()):
        name, vanishes = axis_name(symptom, axis), of_axes(symptom, axis)
        along = f"along the {name} axis"
        for step in (1, -1):
            yield Explanation("shifted", f"it is shifted by one {along}", truth.roll(step, axis), vanishes)
            yield Explanation("shifted", f"it is shifted by one {along}, zeros behind", shifted(truth, step, axis))
        yield Explanation("reversed", f"the order {along} is reversed", truth.flip(axis), vanishes)


def misread_back(value: Tensor, a: int, b: int) -> Tensor:
    """Return the elements as `misread` would take them to the right ones."""
    shape = list(value.shape)
    shape[a], shape[b] = shape[b], shape[a]
    return value.reshape(shape).transpose(a, b)


def not_turned_back(symptom: Symptom) -> Explanations:
    """Yield: three axes or more stand in another order in memory, as those of (N, H, W, C) read as (N, C, H, W)."""
    truth = symptom.truth
    for order in permutations(range(truth.dim())) if truth.dim() <= MOST_AXES else ():
        if sum(at != axis for at, axis in enumerate(order)) > 2:
            names = ", ".join(axis_name(symptom, axis) for axis in order)
            words = f"its numbers are in the order of ({names}): reshaped, and not transposed back"
            yield Explanation("transposed", words, truth.permute(order).reshape(truth.shape))


def permuted(symptom: Symptom) -> Explanations:
    """Yield: the slices along an axis are the right ones in another order."""
    for axis in range(symptom.truth.dim()):
        got, truth = (side.movedim(axis, 0).unsqueeze(-1).flatten(1) for side in (symptom.got, symptom.truth))
        if not 1 < len(truth) <= MOST_SLICES or not symptom.finite.all():
            continue
        order = torch.cdist(got, truth).argmin(1)
        if len(set(order.tolist())) < len(truth):
            continue
        name = axis_name(symptom, axis)
        vanishes = of_axes(symptom, axis) | vanishing("groups", "channels")
        kind, words = said_of(order.tolist(), symptom.trial.cell.case.options.get("groups", 1), name)
        yield Explanation(kind, words, symptom.truth.index_select(axis, order), vanishes)


def said_of(order: list[int], groups: int, name: str) -> tuple[str, str]:
    """Return the kind of a wrong order and the words for it: whole groups swapped, or single slices."""
    size = len(order) // groups
    whole = [order[start : start + size] for start in range(0, len(order), size)]
    if groups > 1 and all(part == list(range(part[0] // size * size, part[0] // size * size + size)) for part in whole):
        blocks = ", ".join(str(part[0] // size) for part in whole)
        return "groups", f"groups are mixed: their {name}s are in the order of groups {blocks}"
    return "permuted", f"the {name}s are in the wrong order: {', '.join(map(str, order[:12]))}"


def averaged(symptom: Symptom) -> Explanations:
    """Yield: every entry along an axis is the mean, or the sum, over it; or a running sum along it."""
    for axis in range(symptom.truth.dim()):
        name, truth, vanishes = axis_name(symptom, axis), symptom.truth, of_axes(symptom, axis)
        if truth.shape[axis] < 2:
            continue
        for word, value in (("mean", truth.mean(axis, True)), ("sum", truth.sum(axis, True))):
            words = f"it is the {word} over the {name} axis, for each {name} the same"
            yield Explanation("averaged", words, value.expand_as(truth), vanishes)
        yield Explanation("running sum", f"it is a running sum along the {name} axis", truth.cumsum(axis), vanishes)
