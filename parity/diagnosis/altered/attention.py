"""Hypotheses of attention: a causal mask that is one off, a scale that is left out on the way back."""

import math

import torch
from torch import Tensor

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

INPUTS = ("query", "key", "value")
MASKS = {
    2: "the causal mask is one off: a query sees the key after its own, too",
    0: "the causal mask is one off: a query does not see the key of its own place",
}


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, where softmax(q kᵀ scale) v gives the truth."""
    given, names = symptom.drawn.inputs, [entry.name for entry in symptom.trial.signature.inputs]
    if tuple(names[:3]) != INPUTS or any(value is not None for value in given[3:]) or symptom.drawn.parameters:
        return
    options = options_of(symptom)
    causal, scale = bool(options.get("is_causal")), options.get("scale")
    root = 1 / math.sqrt(given[0].shape[-1])
    own = root if scale is None else float(scale)
    inputs = [value.double() for value in given[:3] if value is not None]
    if len(inputs) < 3 or not is_that_of(symptom, attended(inputs, own, 1 if causal else None)):
        return
    for diagonal, words in MASKS.items() if causal else ():
        value = quantity(symptom, inputs, own, diagonal)
        if value is not None:
            yield Explanation("mask otherwise", words, value)
    if symptom.quantity in ("dquery", "dkey"):
        words = (
            f"the scale, 1 / sqrt({given[0].shape[-1]}), is left out of it" if scale is None else "scale is left out"
        )
        yield Explanation("factor missing", words, symptom.truth / own)
        yield Explanation("factor twice", words.replace("left out of it", "there twice"), symptom.truth * own)
    if symptom.of_forward:
        yield Explanation("factor missing", "the scores are not scaled", attended(inputs, 1.0, 1 if causal else None))


def attended(inputs: list[Tensor], scale: float, diagonal: int | None) -> Tensor:
    """Return the output; keys from a diagonal on are hidden."""
    q, k, v = inputs
    scores = q @ k.mT * scale
    if diagonal is not None:
        scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(diagonal), -torch.inf)
    return scores.softmax(-1) @ v


def quantity(symptom: Symptom, inputs: list[Tensor], scale: float, diagonal: int | None) -> Tensor | None:
    """Return the output, or the gradient of an input."""
    leaves = [value.clone().requires_grad_() for value in inputs]
    y = attended(leaves, scale, diagonal)
    if symptom.of_forward:
        return y.detach()
    dy, wanted = symptom.drawn.dy, symptom.quantity.removeprefix("d")
    if dy is None or wanted not in INPUTS:
        return None
    return torch.autograd.grad(y, [leaves[INPUTS.index(wanted)]], dy.double())[0]
