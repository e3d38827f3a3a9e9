"""Hypotheses of modules that are given whole numbers, or arguments beside x: repeated numbers, weights left out."""

from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.reruns import maybe
from parity.diagnosis.symptom import Explanation, Explanations, Symptom


def of_numbers(symptom: Symptom) -> Explanations:
    """Yield, of a table: repeated numbers are averaged, or count once; each number is taken for the next."""
    entry, x, drawn = symptom.trial.signature.first, symptom.drawn.x, symptom.drawn
    if entry.drawn != "indices":
        return
    rows = int(symptom.trial.cell.case.options[entry.below])
    counts = torch.bincount(x.flatten(), minlength=rows)
    if symptom.truth.shape[:1] == counts.shape and not symptom.of_forward:
        over = symptom.truth / counts.clamp_min(1).reshape(-1, *[1] * (symptom.truth.dim() - 1))
        yield Explanation("repeated", "it is divided by how often each number occurs", over)
    for at, word in ((-1, "last"), (0, "first")):
        alone = once(x, drawn.dy, at)
        if alone is not None and not symptom.of_forward:
            words = f"of a number that occurs more than once, only the {word} place counts"
            yield from maybe("repeated", words, symptom.reference(replace(drawn, dy=alone)))
    for step, word in ((1, "next"), (-1, "one before")):
        moved = replace(drawn, inputs=((x + step) % rows, *drawn.inputs[1:]))
        yield from maybe("shifted", f"each number is taken for the {word}", symptom.reference(moved))


def once(x: Tensor, dy: Tensor | None, at: int) -> Tensor | None:
    """Return dy where a number occurs for the last time (or the first, for `at` 0), and zeros elsewhere."""
    if dy is None or dy.shape[: x.dim()] != x.shape:
        return None
    flat = x.flatten().tolist()
    order = range(len(flat)) if at else reversed(range(len(flat)))
    kept = torch.zeros(len(flat), dtype=dy.dtype)
    kept[list({flat[place]: place for place in order}.values())] = 1
    return dy * kept.reshape(x.shape + (1,) * (dy.dim() - x.dim()))


def of_marked(symptom: Symptom) -> Explanations:
    """Yield: what an option marks to be left out is not: an ignored target, or the row of padding, has a gradient.

    Or the row of padding is zero in the output, where it is looked up as any other.
    """
    options, inputs, truth = symptom.trial.cell.case.options, symptom.drawn.inputs, symptom.truth
    target = inputs[1] if symptom.trial.cell.page.is_loss and len(inputs) > 1 else None
    if target is not None and not target.is_floating_point() and symptom.quantity == "dx":
        ignored = target == options.get("ignore_index", -100)
        at = (
            ignored.unsqueeze(min(1, ignored.dim())).expand(truth.shape) if truth.dim() == target.dim() + 1 else ignored
        )
        if at.shape == truth.shape and at.any() and not (symptom.wrong & ~at).any():
            yield Explanation("marked", "a target that is to be ignored has a gradient", symptom.got)
    row, entry, x = options.get("padding_idx"), symptom.trial.signature.first, symptom.drawn.x
    if row is None or entry.drawn != "indices":
        return
    rows = int(options[entry.below])
    if symptom.quantity == "dweight" and symptom.wrong.any(1).nonzero().flatten().tolist() == [row % rows]:
        yield Explanation("marked", "the row of padding_idx has a gradient", symptom.got)
    dy = symptom.drawn.dy
    if symptom.quantity == "dweight" and dy is not None and dy.shape[: x.dim()] == x.shape and 0 <= row < x.numel():
        seen = torch.ones(x.numel(), dtype=dy.dtype)
        seen[row] = 0
        masked = replace(symptom.drawn, dy=dy * seen.reshape(x.shape + (1,) * (dy.dim() - x.dim())))
        words = "padding_idx is taken for a place in x, not for a number: what stands there has no gradient"
        yield from maybe("marked", words, symptom.reference(masked, options={"padding_idx": None}))
    if symptom.of_forward and truth.dim() == x.dim() + 1:
        words = "the row of padding_idx is zero in the output, where it is looked up as any other"
        yield Explanation("marked", words, truth.masked_fill((x == row % rows).unsqueeze(-1), 0.0))


def argument_left_out(symptom: Symptom) -> Explanations:
    """Yield: an argument beside x is taken as ones."""
    signature, drawn = symptom.trial.signature, symptom.drawn
    if signature.is_plain:
        return
    for place, value in enumerate(drawn.inputs):
        if place and value is not None and value.is_floating_point():
            given = (*drawn.inputs[:place], torch.ones_like(value), *drawn.inputs[place + 1 :])
            words = f"the factor {signature.inputs[place].name} is missing: it is taken as ones"
            yield from maybe("factor missing", words, symptom.reference(replace(drawn, inputs=given)))
