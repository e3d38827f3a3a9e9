"""Hypotheses that run torch.nn again: at another tensor, with an option ignored, with a parameter left out."""

from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanations, Symptom, case_with

# What an option means when it is ignored.
IGNORED = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "negative_slope": 0.01}


def at_another_tensor(symptom: Symptom) -> Explanations:
    """Yield, for dx: the derivative taken at the output, the cotangent or zero, with dy and without it."""
    drawn, truth = symptom.trial.drawn, symptom.trial.evidence.truth
    x, dy = drawn.inputs[0], drawn.dy
    if symptom.quantity != "dx" or dy is None:
        return
    elsewhere = {"the cotangent": dy, "the output": truth["output"], "zero": torch.zeros_like(x)}
    for name, tensor in elsewhere.items():
        if tensor.shape != x.shape:
            continue
        moved = replace(drawn, inputs=(tensor, *drawn.inputs[1:]))
        yield from maybe(f"the derivative is evaluated at {name} in place of the input", symptom.reference(moved))
        alone = replace(moved, dy=torch.ones_like(dy))
        words = f"the derivative is evaluated at {name} in place of the input, and the cotangent's factor is missing"
        yield from maybe(words, symptom.reference(alone))


def option_ignored(symptom: Symptom) -> Explanations:
    """Yield: an option of the case was not heeded (only where the shape stays the same, which is seldom)."""
    case = symptom.trial.cell.case
    for name, plain in IGNORED.items():
        if name in case.options and case.options[name] != plain:
            changed = symptom.reference(options=case_with(case, **{name: plain}))
            yield from maybe(f"the option {name} is ignored", changed)
    if case.options.get("reduction"):
        for other in ("mean", "sum"):
            if other != case.options["reduction"]:
                changed = symptom.reference(options=case_with(case, reduction=other))
                yield from maybe(f"the reduction is that of {other!r}", changed)


def parameter_changed(symptom: Symptom) -> Explanations:
    """Yield: a parameter is left out, transposed, flipped or reversed in the forward or backward map."""
    drawn = symptom.trial.drawn
    for name, value in drawn.parameters.items():
        for words, changed in variants(name, value):
            other = replace(drawn, parameters=drawn.parameters | {name: changed})
            yield from maybe(words, symptom.reference(other))


def variants(name: str, value: Tensor) -> list[tuple[str, Tensor]]:
    found = [(f"{name} is left out", torch.zeros_like(value)), (f"{name} is added twice", 2 * value)]
    if value.dim() == 4:
        found.append((f"the kernel of {name} is flipped", value.flip(2, 3)))
        found.append((f"the kernel of {name} is transposed", swapped(value, 2, 3)))
    if value.dim() >= 2:
        found.append((f"{name} has its output and input channels swapped", swapped(value, 0, 1)))
        found.append((f"{name} has its input channels in reverse order", value.flip(1)))
        found.append((f"{name} has its output channels in reverse order", value.flip(0)))
    return found


def swapped(value: Tensor, a: int, b: int) -> Tensor:
    """Return the transpose, or the same numbers read in transposed order where the extents differ."""
    return value.transpose(a, b).contiguous().view(value.shape)


def input_changed(symptom: Symptom) -> Explanations:
    """Yield: only part of the batch is used, or the inputs are those of another sample."""
    drawn = symptom.trial.drawn
    dy, x = drawn.dy, drawn.inputs[0]
    if dy is None or not dy.dim() or dy.shape[:1] != x.shape[:1] or symptom.quantity in ("output", "dx"):
        return
    for at, word in ((-1, "last"), (0, "first")):
        less = dy.clone()
        less[at] = 0
        yield from maybe(f"the {word} sample is left out of the sum", symptom.reference(replace(drawn, dy=less)))
        one = torch.zeros_like(dy)
        one[at] = dy[at]
        yield from maybe(f"it is that of the {word} sample alone", symptom.reference(replace(drawn, dy=one)))
    yield from maybe("the cotangent is taken as ones", symptom.reference(replace(drawn, dy=torch.ones_like(dy))))


def another_call(symptom: Symptom) -> Explanations:
    """Yield: it belongs to another draw, that of the forward before."""
    other = symptom.trial.at(replace(symptom.trial.cell, seed=symptom.trial.cell.seed + 1))
    value = other.evidence.truth.get(symptom.quantity)
    yield from maybe("it belongs to an earlier forward: what was saved is stale", value)


def maybe(words: str, value: Tensor | None) -> Explanations:
    if value is not None:
        yield words, value
