"""Hypotheses of place: wrong in one region only, transposed, flipped, permuted, shifted."""

from itertools import combinations

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanations, Symptom

AXES = {"dweight": ("output channel", "input channel", "kernel row", "kernel column"), "dbias": ("output channel",)}
IMAGE = ("sample", "channel", "row", "column")


def axis_name(symptom: Symptom, axis: int) -> str:
    """Return what an axis of the quantity runs over."""
    names = AXES.get(symptom.quantity, IMAGE)
    return names[axis] if axis < len(names) else f"axis {axis}"


def region(symptom: Symptom) -> str:
    """Return in which region alone elements are wrong; empty if they are wrong all over."""
    wrong, truth = symptom.wrong, symptom.truth
    indices = wrong.nonzero()
    if not len(indices) or wrong.all() or truth.numel() < 2:
        return ""
    if len(indices) == 1:
        return f"one element, at {tuple(indices[0].tolist())}"
    found = []
    for axis in range(truth.dim()):
        seen, extent = sorted(set(indices[:, axis].tolist())), truth.shape[axis]
        if len(seen) == 1 and extent > 1:
            (at,) = seen
            where = "first" if at == 0 else "last" if at == extent - 1 else f"number {at}"
            found.append(f"the {where} {axis_name(symptom, axis)}")
    if found:
        return " in ".join(found) + " alone"
    if truth.dim() == 4 and not wrong[:, :, 1:-1, 1:-1].any():
        return "the border alone"
    return ""


def content(symptom: Symptom) -> str:
    """Return what stands in the wrong region in place of what belongs there."""
    got, truth = symptom.got[symptom.wrong], symptom.truth[symptom.wrong]
    if not got.any():
        return "zero"
    if torch.allclose(got, -truth, rtol=1e-3):
        return "of the wrong sign"
    return "wrong" if got.isfinite().all() else "not finite"


def one_region(symptom: Symptom) -> Explanations:
    """Yield: wrong in one region alone, and what stands there. The prediction is what came: it needs no fit."""
    where = region(symptom)
    if where:
        yield f"it is {content(symptom)} in {where}", symptom.got


def telling_region(symptom: Symptom) -> Explanations:
    """Yield the region if it tells much by itself: one element, or nothing but zeros, or the sign."""
    if symptom.wrong.sum() == 1 or content(symptom) != "wrong":
        yield from one_region(symptom)


def permuted(symptom: Symptom) -> Explanations:
    """Yield: transposed, flipped, permuted or rolled along axes."""
    truth = symptom.truth
    for a, b in combinations(range(truth.dim()), 2):
        if truth.shape[a] == truth.shape[b]:
            yield f"{axis_name(symptom, a)} and {axis_name(symptom, b)} are transposed", truth.transpose(a, b)
    if truth.dim() == 4:
        yield "the kernel or image is flipped in both directions", truth.flip(2, 3)
    for axis in range(truth.dim()):
        name = axis_name(symptom, axis)
        yield f"the order along the {name} axis is reversed", truth.flip(axis)
        for step in (1, -1):
            yield f"it is shifted by one along the {name} axis", truth.roll(step, axis)
            yield f"it is shifted by one along the {name} axis, zeros behind", shifted(truth, step, axis)


def shifted(value: Tensor, step: int, axis: int) -> Tensor:
    moved = value.roll(step, axis).clone()
    if value.shape[axis]:
        moved.select(axis, 0 if step > 0 else -1).zero_()
    return moved


def averaged(symptom: Symptom) -> Explanations:
    """Yield: every entry along an axis is the mean, or the sum, over it."""
    for axis in range(symptom.truth.dim()):
        name = axis_name(symptom, axis)
        for word, value in (("mean", symptom.truth.mean(axis, True)), ("sum", symptom.truth.sum(axis, True))):
            yield f"it is the {word} over the {name} axis", value.expand_as(symptom.truth)
