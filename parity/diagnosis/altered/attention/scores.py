"""Hypotheses of attention: a mask that hides other keys, or in another way; a scale or a sum wrong on the way back."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

INPUTS = ("query", "key", "value")


@dataclass(frozen=True)
class Attended:
    """softmax(q kᵀ scale + added), where keys are not hidden, times v.

    hidden   which keys a query does not see, None where it sees all
    added    what is added to the scores
    zeroed   keys whose scores are 0
    dropped  keys whose weights are 0, and not shared out among the others
    """

    scale: float
    hidden: Tensor | None = None
    added: Tensor | None = None
    zeroed: Tensor | None = None
    dropped: Tensor | None = None

    def output(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return self.kept(self.weights(q, k)) @ v

    def kept(self, weights: Tensor) -> Tensor:
        return weights if self.dropped is None else weights.masked_fill(self.dropped, 0.0)

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        scores = q @ k.mT * self.scale
        scores = scores if self.zeroed is None else scores.masked_fill(self.zeroed, 0.0)
        scores = scores if self.hidden is None else scores.masked_fill(self.hidden, -torch.inf)
        return (scores if self.added is None else scores + self.added).softmax(-1)

    def scores_back(self, inputs: list[Tensor], dy: Tensor, axis: int | None) -> dict[str, Tensor]:
        """Return dquery and dkey by hand, the sum of the softmax along an axis of the scores, or left out."""
        q, k, v = inputs
        weights, back = self.kept(self.weights(q, k)), dy @ v.mT
        couples = 0.0 if axis is None else (weights * back).sum(axis, keepdim=True)
        scores = weights * (back - couples) * self.scale
        return {"dquery": scores @ k, "dkey": scores.mT @ q}


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, where attention over keys gives the truth."""
    given, names = symptom.drawn.inputs, [entry.name for entry in symptom.trial.signature.inputs]
    if tuple(names[:3]) != INPUTS or len(given) > 4 or symptom.drawn.parameters:
        return
    inputs = [value.double() for value in given[:3] if value is not None]
    right = asked(symptom) if len(inputs) == 3 else None
    if right is None or not is_that_of(symptom, right.output(*inputs)):
        return
    dy = symptom.drawn.dy
    for kind, words, wrong in (*masked_otherwise(symptom, right, inputs), *scaled_otherwise(right, inputs)):
        by_hand = {} if dy is None else wrong.scores_back(inputs, dy.double(), -1)
        for value in (quantity(symptom, wrong, inputs), by_hand.get(symptom.quantity)):
            if value is not None:
                yield Explanation(kind, words, value)
    if not symptom.of_forward:
        yield from handed_back(symptom, right, inputs)


def asked(symptom: Symptom) -> Attended | None:
    """Return the right attention."""
    options, given = options_of(symptom), symptom.drawn.inputs
    query, key = given[0], given[1]
    scale, mask = options.get("scale"), given[3] if len(given) > 3 else None
    own = 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    if options.get("is_causal"):
        return Attended(own, triangle(query.shape[-2], key.shape[-2], 1)) if mask is None else None
    if mask is None or mask.dtype == torch.bool:
        return Attended(own, None if mask is None else ~mask)
    return Attended(own, added=mask.double())


def triangle(queries: int, keys: int, diagonal: int) -> Tensor:
    """Return which keys a query does not see: those from a diagonal on."""
    return torch.ones(queries, keys, dtype=torch.bool).triu(diagonal)


def masked_otherwise(symptom: Symptom, right: Attended, inputs: list[Tensor]) -> Iterator[tuple[str, str, Attended]]:
    """Yield the kind of a cause, its words, and attention that is masked so."""
    kind, (queries, keys) = "mask otherwise", (inputs[0].shape[-2], inputs[1].shape[-2])
    if options_of(symptom).get("is_causal"):
        one_off = "the causal mask is one off: a query"
        yield kind, f"{one_off} sees the key after its own, too", replace(right, hidden=triangle(queries, keys, 2))
        yield (
            kind,
            f"{one_off} does not see the key of its own place",
            replace(right, hidden=triangle(queries, keys, 0)),
        )
        other = torch.ones(queries, keys, dtype=torch.bool).tril(-1)
        words = "the causal mask is turned round: a query sees the keys from its own on, not up to its own"
        yield kind, words, replace(right, hidden=other)
        if queries != keys:
            words = "the causal mask begins so that the last query sees all keys, not so that the first sees one"
            yield kind, words, replace(right, hidden=triangle(queries, keys, 1 + keys - queries))
    if right.hidden is not None:
        without = replace(right, hidden=None)
        yield kind, "the mask is not looked at", without
        yield kind, "the mask means the opposite: what it is to keep is hidden", replace(right, hidden=~right.hidden)
        words = "a key that is hidden has a score of 0, as where the mask is multiplied, in place of -inf"
        yield kind, words, replace(without, zeroed=right.hidden)
        words = "a key is hidden after the softmax: the weights that are left do not add up to 1"
        yield kind, words, replace(without, dropped=right.hidden)
    if right.added is not None:
        yield kind, "the mask is not looked at", replace(right, added=None)
        yield kind, "the mask is scaled as the scores are", replace(right, added=right.added * right.scale)
        yield kind, "the mask is subtracted", replace(right, added=-right.added)


def scaled_otherwise(right: Attended, inputs: list[Tensor]) -> Iterator[tuple[str, str, Attended]]:
    """Yield the kind of a cause, its words, and attention whose scores are scaled so."""
    queries, keys, width = inputs[0].shape[-2], inputs[1].shape[-2], inputs[0].shape[-1]
    scales = {
        "the scores are not scaled": 1.0,
        "the scores are divided by the width, not by its root": 1 / width,
        "the scores are divided by the root of the number of keys": 1 / math.sqrt(keys),
        "the scores are divided by the root of the number of queries": 1 / math.sqrt(queries),
        "the scores are multiplied by the root of the width": math.sqrt(width),
    }
    for words, scale in scales.items():
        if not math.isclose(scale, right.scale):
            yield "scale otherwise", words, replace(right, scale=scale)


def handed_back(symptom: Symptom, right: Attended, inputs: list[Tensor]) -> Explanations:
    """Yield a gradient whose scale, or whose sum over the softmax, is wrong."""
    if symptom.quantity == "dvalue":
        words = "it is multiplied by the scale, which belongs to the scores alone"
        yield Explanation("factor twice", words, symptom.truth * right.scale)
        return
    named = f"the scale, 1 / sqrt({inputs[0].shape[-1]})," if options_of(symptom).get("scale") is None else "scale"
    yield Explanation("factor missing", f"{named} is left out of it", symptom.truth / right.scale)
    yield Explanation("factor twice", f"{named} is there twice", symptom.truth * right.scale)
    dy = symptom.drawn.dy
    for words, axis in {
        "the sum of the softmax runs over the queries, not over the keys": -2,
        "the sum that couples the weights of the softmax is left out": None,
    }.items():
        value = None if dy is None else right.scores_back(inputs, dy.double(), axis).get(symptom.quantity)
        if value is not None:
            yield Explanation("wrong axis", words, value)


def quantity(symptom: Symptom, wrong: Attended, inputs: list[Tensor]) -> Tensor | None:
    """Return the output of a wrong attention, or the gradient of an input."""
    leaves = [value.clone().requires_grad_() for value in inputs]
    y = wrong.output(*leaves)
    if symptom.of_forward:
        return y.detach()
    dy, wanted = symptom.drawn.dy, symptom.quantity.removeprefix("d")
    if dy is None or wanted not in INPUTS:
        return None
    return torch.autograd.grad(y, [leaves[INPUTS.index(wanted)]], dy.double())[0]
