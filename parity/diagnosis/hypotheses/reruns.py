"""Hypotheses that run torch.nn again: at another tensor, with another cotangent, on the call before."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.order import misread, misread_back, of_axes
from parity.diagnosis.hypotheses.places import image_axis
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, fitted, vanishing
from parity.verdict.draw import Draw


def maybe(kind: str, words: str, value: Tensor | None, vanishes: frozenset[str] = frozenset()) -> Explanations:
    if value is not None:
        yield Explanation(kind, words, value, vanishes)


def at_another_tensor(symptom: Symptom) -> Explanations:
    """Yield, for a gradient: the derivative taken at the output, the cotangent or zero, with dy and without it."""
    drawn, truth = symptom.drawn, symptom.trial.evidence.truth
    x, dy = drawn.x, drawn.dy
    if symptom.of_forward or dy is None:
        return
    elsewhere = {"the cotangent": dy, "the output": truth["output"], "zero": torch.zeros_like(x)}
    for name, tensor in elsewhere.items():
        if tensor.shape == x.shape:
            moved = replace(drawn, inputs=(tensor, *drawn.inputs[1:]))
            words = f"the derivative is evaluated at {name} in place of the input"
            yield from maybe("wrong tensor", words, symptom.reference(moved))
            alone = symptom.reference(replace(moved, dy=torch.ones_like(dy)))
            yield from maybe("wrong tensor", f"{words}, and the cotangent's factor is missing", alone)
    if truth["output"].shape == dy.shape:
        moved = replace(drawn, dy=truth["output"].to(dy.dtype))
        yield from maybe("wrong tensor", "it is that of the output in place of the cotangent", symptom.reference(moved))


def itself(symptom: Symptom) -> Explanations:
    """Yield, for a gradient: it is one of the tensors that went in or came out, unchanged, or another gradient."""
    if symptom.of_forward:
        return
    known = {"the input x": symptom.drawn.x, "the output": symptom.trial.evidence.truth.get("output")}
    for name, tensor in known.items():
        if tensor is not None and tensor.shape == symptom.truth.shape:
            yield Explanation("wrong tensor", f"it is {name} itself", tensor.double())
    for name, value in symptom.trial.evidence.truth.items():
        if name not in ("output", symptom.quantity) and value.dim() == symptom.truth.dim():
            alike = fitted(value, symptom.truth.shape)  # as long as the one, or the other
            yield Explanation("wrong tensor", f"it is {name}, the gradient of another", alike)


def of_cotangent(symptom: Symptom) -> Explanations:
    """Yield, for a gradient: the cotangent taken as ones, as absolute values, squared, without a sample."""
    drawn, dy = symptom.drawn, symptom.drawn.dy
    if symptom.of_forward or dy is None:
        return
    x, *rest = drawn.inputs
    alone = symptom.reference(replace(drawn, inputs=(torch.ones_like(x), *rest)))
    yield from maybe("factor missing", "the factor x is missing: it is taken as ones", alone)
    changed = {
        "the cotangent is taken as ones: its factor is missing": torch.ones_like(dy),
        "the sign of the cotangent is ignored": dy.abs(),
        "the cotangent's factor is there twice": dy * dy,
    }
    for words, other in changed.items():
        yield from maybe("cotangent", words, symptom.reference(replace(drawn, dy=other)))
    if dy.dim() and len(dy) > 1 and dy.shape[:1] == drawn.x.shape[:1]:
        yield from of_samples(symptom, dy)
        yield from for_all(symptom, dy)
    if dy.dim() > 2:
        inner = tuple(slice(1, -1) for _ in dy.shape[2:])
        less = torch.zeros_like(dy)
        less[:, :, *inner] = dy[:, :, *inner]
        words = "the outermost pixels of the cotangent are left out"
        yield from maybe("border missing", words, symptom.reference(replace(drawn, dy=less)))
    for axis in range(1, dy.dim()):
        yield from of_slices(symptom, dy, axis)
    for axis in range(dy.dim() - 1):
        one, next_one = image_axis(axis), image_axis(axis + 1)
        words = f"it is as if the cotangent were reshaped, {one}s and {next_one}s not exchanged (transposed) with it"
        for order in (misread, misread_back):
            value = symptom.reference(replace(drawn, dy=order(dy, axis, axis + 1)))
            yield from maybe("transposed", words, value, of_axes(symptom, axis, axis + 1))


OF_INPUT: Mapping[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "{} has the wrong sign": ("sign", torch.neg),
    "the sign of {} is ignored": ("absolute", torch.abs),
    "{} is taken as ones: its factor is missing": ("factor missing", torch.ones_like),
    "{} is not looked at: zeros stand in its place": ("input ignored", torch.zeros_like),
}


def of_other_inputs(symptom: Symptom) -> Explanations:
    """Yield: of another input than the first the sign is wrong, or ignored, or it is taken as ones or zeros."""
    inputs, names = symptom.drawn.inputs, symptom.trial.signature.inputs
    for place, value in enumerate(inputs[1:], start=1):
        signed = value is not None and (value.is_floating_point() or bool((value < 0).any()))
        for words, (kind, function) in OF_INPUT.items() if signed else ():
            moved = replace(symptom.drawn, inputs=(*inputs[:place], function(value), *inputs[place + 1 :]))
            yield from maybe(kind, words.format(names[place].name), symptom.reference(moved))


def of_samples(symptom: Symptom, dy: Tensor) -> Explanations:
    for at, word in ((-1, "last"), (0, "first")):
        less, one = dy.clone(), torch.zeros_like(dy)
        less[at], one[at] = 0, dy[at]
        without = symptom.reference(replace(symptom.drawn, dy=less))
        yield from maybe("sample missing", f"the {word} sample's cotangent is left out", without)
        alone = symptom.reference(replace(symptom.drawn, dy=one))
        yield from maybe("sample alone", f"it is that of the {word} sample alone", alone, vanishing("batch"))


def for_all(symptom: Symptom, dy: Tensor) -> Explanations:
    """Yield: one sample's cotangent, or input, is used for every sample."""
    drawn = symptom.drawn
    x, *rest = drawn.inputs
    for at, word in ((0, "first"), (-1, "last")):
        same_dy = replace(drawn, dy=dy[at].expand(dy.shape).contiguous())
        words = f"the {word} sample's cotangent is used for every sample"
        yield from maybe("sample for all", words, symptom.reference(same_dy), vanishing("batch"))
        same_x = replace(drawn, inputs=(x[at].expand(x.shape).contiguous(), *rest))
        words = f"the {word} sample's input is used for every sample"
        yield from maybe("sample for all", words, symptom.reference(same_x), vanishing("batch"))


def of_slices(symptom: Symptom, dy: Tensor, axis: int) -> Explanations:
    """Yield: a part of the cotangent along an axis is left out, or counts alone."""
    if dy.shape[axis] < 2:
        return
    name = image_axis(axis)
    for at, word in ((-1, "last"), (0, "first")):
        less, one = dy.clone(), torch.zeros_like(dy)
        less.select(axis, at).zero_()
        one.select(axis, at).copy_(dy.select(axis, at))
        left_out = symptom.reference(replace(symptom.drawn, dy=less))
        yield from maybe("slice missing", f"the {word} {name} of the cotangent is left out", left_out)
        alone = symptom.reference(replace(symptom.drawn, dy=one))
        yield from maybe("slice alone", f"the {word} {name} of the cotangent counts alone", alone)


def another_call(symptom: Symptom) -> Explanations:
    """Yield: it belongs to another draw, that of an earlier forward."""
    cell = symptom.trial.cell
    for seed in (cell.seed, cell.seed + 1):
        trial = symptom.trial.at(replace(cell, seed=seed))
        drawn = replace(trial.drawn, parameters=symptom.drawn.parameters)
        if not same(drawn, symptom.drawn):
            words = "it belongs to an earlier call: what was saved is stale"
            yield from maybe("stale", words, symptom.reference(drawn))


def same(a: Draw, b: Draw) -> bool:
    """Return whether two draws have the same input."""
    return a.x.shape == b.x.shape and torch.equal(a.x, b.x)
