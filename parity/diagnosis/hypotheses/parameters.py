"""Hypotheses of a parameter that is read in the wrong way."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.order import MOST_AXES, misread, misread_back
from parity.diagnosis.symptom import Explanation, Explanations, Symptom


def read_otherwise(symptom: Symptom) -> Explanations:
    """Yield: a parameter is transposed, flipped, reversed, shifted, or lacks an element, in the map or its adjoint."""
    drawn = symptom.drawn
    for name, value in drawn.parameters.items():
        for kind, words, changed in variants(name, value):
            predicted = symptom.reference(replace(drawn, parameters=drawn.parameters | {name: changed}))
            if predicted is not None:
                vanishes = frozenset({"channels"} if "channels" in words else ())
                yield Explanation(kind, words, predicted, vanishes)


def variants(name: str, value: Tensor) -> list[tuple[str, str, Tensor]]:
    changes = [("factor missing", f"the factor {name} is missing: it is taken as ones", torch.ones_like(value))]
    of_kernel = range(2, value.dim())
    if of_kernel:
        changes.append(("flipped", f"the kernel of {name} is flipped", value.flip(*of_kernel)))
        turned = {2: "upside down: its rows are", 3: "mirrored: its columns are"}
        changes += [
            ("flipped", f"the kernel of {name} is {words} in reverse order", value.flip(axis))
            for axis, words in turned.items()
            if value.dim() == 4
        ]
    for a, b in combinations(of_kernel, 2):
        axes = "rows and columns" if value.dim() == 4 else f"its axes {a - 2} and {b - 2}"
        changes.append(("transposed", f"the kernel of {name} is transposed: {axes} are swapped", misread(value, a, b)))
    if value.dim() >= 2:
        words = f"{name} is transposed: its output and input channels are swapped"
        changes.append(("transposed", words, misread(value, 0, 1)))
        changes.append(("transposed", words, misread(value, 0, -1)))
        changes.append(("transposed", words, misread_back(value, 0, 1)))
    changes += of_pixels(name, value) if of_kernel else []
    changes += [
        ("transposed", f"{name} is read in the order of its axes {order}: reshaped, and not transposed", misordered)
        for order, misordered in reshaped(value)
    ]
    for axis, word in enumerate(("output channels", "input channels")[: value.dim()]):
        for step in (1, -1):
            words = f"the {word} of {name} are shifted by one"
            changes.append(("shifted channels", words, value.roll(step, axis)))
        changes.append(("reversed channels", f"the {word} of {name} are in reverse order", value.flip(axis)))
    changes.append(("offset", f"{name} is taken as 1 + {name}", 1 + value))
    return changes + [
        ("zero element", f"the {word} element of {name} is taken as zero", without(value, at))
        for at, word in ((-1, "last"), (0, "first"))
    ]


def of_pixels(name: str, value: Tensor) -> list[tuple[str, str, Tensor]]:
    """Return a kernel of which one pixel alone counts, as where its gifts are written over, or a row does not."""
    changes = []
    flat = value.flatten(2)
    for at, word in ((-1, "last"), (0, "first")) if flat.shape[2] > 1 else ():
        alone = torch.zeros_like(flat)
        alone[:, :, at] = flat[:, :, at]
        words = f"of the kernel of {name} the {word} pixel alone counts: what the others give is written over"
        changes.append(("overwritten", words, alone.view_as(value)))
    for axis in range(2, value.dim()):
        along = {(4, 2): "row", (4, 3): "column"}.get((value.dim(), axis), f"slice along axis {axis - 2}")
        for at, word in ((-1, "last"), (0, "first")) if value.shape[axis] > 1 else ():
            less = value.clone()
            less.select(axis, at).zero_()
            changes.append(("missing term", f"the {word} {along} of the kernel of {name} is left out", less))
    return changes


def reshaped(value: Tensor) -> Iterator[tuple[tuple[int, ...], Tensor]]:
    """Yield a parameter of three axes or more as it is if its axes are taken to stand in another order in memory."""
    for order in permutations(range(value.dim())) if 2 < value.dim() <= MOST_AXES else ():
        if sum(at != axis for at, axis in enumerate(order)) > 2:
            yield order, value.permute(order).reshape(value.shape)
            back = value.reshape([value.shape[axis] for axis in order])
            yield order, back.permute([order.index(axis) for axis in range(value.dim())]).reshape(value.shape)


def without(value: Tensor, at: int) -> Tensor:
    """Return a parameter with one element zero."""
    less = value.clone()
    less.view(-1)[at] = 0
    return torch.clone(less)
