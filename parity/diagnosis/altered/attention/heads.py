"""Hypotheses of attention by heads: how they are split and put together, scaled, projected and averaged."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.edited.pairs import TWO
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, Explanation, Explanations, Symptom
from parity.verdict.draw import Tensors

INPUTS = ("query", "key", "value")
Told = tuple[str, str, "Heads"]


@dataclass(frozen=True)
class Heads:
    """What is wrong; nothing, unless it is said.

    split, merged  whether heads and moments are exchanged where features become heads, and where heads become features
    back           the same of the way back, where it is another: of what is split, and of what is merged
    width          what the scores are divided by the root of: a "head", the "whole", or "nothing"
    parts          in which the projections of query, key and value are read
    along          the axis of the softmax
    turned         projections that are transposed: "in", "out"
    masked         what a mask does: "hides", "shows" what it is to hide, or "nothing"
    shown          what becomes of the weights of the heads: "mean", "sum", "first"
    """

    split: bool = True
    merged: bool = True
    back: tuple[bool, bool] | None = None
    width: str = "head"
    parts: tuple[int, ...] = (0, 1, 2)
    along: int = -1
    turned: tuple[str, ...] = ()
    masked: str = "hides"
    shown: str = "mean"

    def outputs(self, options: Mapping[str, Any], own: Tensors, inputs: Sequence[Tensor | None]) -> tuple[Tensor, ...]:
        """Return output and attention of query, key and value, and of masks that there are."""
        heads, size = options["num_heads"], options["embed_dim"]
        given = [value for value in inputs[:3] if value is not None]
        batched = given if options.get("batch_first") else [value.transpose(0, 1) for value in given]
        weights = own["in_proj_weight"].chunk(3)
        biases = own["in_proj_bias"].chunk(3) if "in_proj_bias" in own else (0.0, 0.0, 0.0)
        pairs = zip(batched, self.parts, strict=True)
        q, k, v = (self.heads(x @ self.laid("in", weights[at]).mT + biases[at], heads) for x, at in pairs)
        width = {"head": size // heads, "whole": size, "nothing": 1}[self.width]
        scores = q @ k.mT / math.sqrt(width) + self.added(inputs[3:], q)
        attended = scores.softmax(self.along)
        y = attended @ v
        y = passed(partial(together, y), self.merged, self.merged if self.back is None else self.back[1])
        y = y @ self.laid("out", own["out_proj.weight"]).mT + own.get("out_proj.bias", 0.0)
        shown = {"mean": attended.mean(1), "sum": attended.sum(1), "first": attended[:, 0]}[self.shown]
        return (y if options.get("batch_first") else y.transpose(0, 1)), shown

    def heads(self, x: Tensor, count: int) -> Tensor:
        return passed(partial(apart, x, count), self.split, self.split if self.back is None else self.back[0])

    def laid(self, which: str, weight: Tensor) -> Tensor:
        return weight.mT if which in self.turned else weight

    def added(self, masks: Sequence[Tensor | None], q: Tensor) -> Tensor:
        """Return what masks add to the scores: -inf where they hide a key."""
        total = q.new_zeros(())
        for mask, axes in zip(masks, ((1, 2), (0, 1)), strict=False):
            if mask is not None and self.masked != "nothing":
                hidden = ~mask if mask.dtype == torch.bool and self.masked == "shows" else mask
                values = torch.zeros_like(mask, dtype=q.dtype)
                values = values.masked_fill(hidden, -torch.inf) if mask.dtype == torch.bool else mask.to(q.dtype)
                total = total + values.unsqueeze(axes[0]).unsqueeze(axes[1])
        return total


def apart(x: Tensor, count: int, exchanged: bool) -> Tensor:
    """Return features as heads, (N, L, E) as (N, H, L, E / H)."""
    samples, moments, size = x.shape
    if exchanged:
        return x.reshape(samples, moments, count, size // count).transpose(1, 2)
    return x.reshape(samples, count, moments, size // count)


def together(y: Tensor, exchanged: bool) -> Tensor:
    """Return heads as features, (N, H, L, D) as (N, L, H D)."""
    return (y.transpose(1, 2) if exchanged else y).reshape(y.shape[0], y.shape[2], -1)


def passed(function: Callable[[bool], Tensor], there: bool, back: bool) -> Tensor:
    """Return what a function gives there, differentiated as that of the way back."""
    if there == back:
        return function(there)
    other = function(back)
    return function(there).detach() + (other - other.detach())


SPLIT, MERGED = "heads are split by a reshape alone", "heads are put together by a reshape alone"
FAULTS: tuple[Told, ...] = (
    ("heads", f"{SPLIT}: heads and moments are not exchanged", Heads(split=False)),
    ("heads", f"{SPLIT}, on the way back too: heads and moments are not exchanged", Heads(False, back=(True, False))),
    ("heads", "heads are split and put together by a reshape alone, without an exchange", Heads(False, False)),
    ("heads", f"{MERGED}: they are not exchanged with moments", Heads(merged=False)),
    (
        "heads",
        f"{MERGED}, on the way back too: they are not exchanged with moments",
        Heads(merged=False, back=(False, True)),
    ),
    ("scale otherwise", "the scores are divided by the root of the whole width, not of a head's", Heads(width="whole")),
    ("scale otherwise", "the scores are not scaled", Heads(width="nothing")),
    ("order", "the projections of query and key are exchanged", Heads(parts=(1, 0, 2))),
    ("order", "the projections of key and value are exchanged", Heads(parts=(0, 2, 1))),
    ("order", "the projections of query and value are exchanged", Heads(parts=(2, 1, 0))),
    ("wrong axis", "the softmax runs along the queries, not along the keys", Heads(along=-2)),
    ("transposed", "the weights that project query, key and value are transposed", Heads(turned=("in",))),
    ("transposed", "the weight that projects the output is transposed", Heads(turned=("out",))),
    ("transposed", "all weights are transposed", Heads(turned=("in", "out"))),
    ("mask otherwise", "the masks mean the opposite: what they are to hide is shown", Heads(masked="shows")),
    ("mask otherwise", "the masks are not looked at", Heads(masked="nothing")),
    ("attention", "the weights of the heads are added up, in place of their mean", Heads(shown="sum")),
    ("attention", "the weights are those of the first head, in place of the mean of all", Heads(shown="first")),
)


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, where attention by heads gives the truth."""
    names = [entry.name for entry in symptom.trial.signature.inputs]
    if tuple(names[:3]) != INPUTS or "in_proj_weight" not in symptom.drawn.parameters or symptom.drawn.x.dim() != 3:
        return
    right = quantities(symptom, Heads())
    if not is_that_of(symptom, right.get("output", torch.empty(0))):
        return
    found, telling = False, []
    for told in FAULTS:
        value = quantities(symptom, told[2]).get(symptom.quantity)
        if value is not None and value.shape == symptom.truth.shape:
            found |= symptom.fit(value) >= BUT_FOR_ROUNDING
            telling += [] if torch.allclose(value, symptom.truth) else [told]
            yield Explanation(*told[:2], value)
    for kind, words, wrong in () if found else two_at_once(telling):
        value = quantities(symptom, wrong).get(symptom.quantity)
        if value is not None:
            yield Explanation(kind, words, value)


def two_at_once(faults: Sequence[Told]) -> Iterator[Told]:
    """Yield two faults of different kinds as one."""
    for at, (kind, words, wrong) in enumerate(faults):
        for other_kind, other_words, other in faults[at + 1 :]:
            if other_kind != kind:
                both = {**changed(wrong), **changed(other)}
                yield kind, f"{TWO}{words}; and {other_words}", Heads(**both)


def changed(wrong: Heads) -> dict[str, Any]:
    """Return the fields in which something is wrong."""
    return {name: value for name, value in vars(wrong).items() if value != getattr(Heads(), name)}


def quantities(symptom: Symptom, wrong: Heads) -> Tensors:
    """Return outputs and gradients, float64, by their names; nothing where a mask of each head is given."""
    drawn, names = symptom.drawn, [entry.name for entry in symptom.trial.signature.inputs]
    given = dict.fromkeys(names) | dict(zip(names, drawn.inputs, strict=False))
    floats = {name: given[name] for name in INPUTS} | drawn.parameters
    try:
        with torch.enable_grad():
            leaves = {name: value.double().requires_grad_() for name, value in floats.items() if value is not None}
            own = {name: leaves[name] for name in drawn.parameters}
            inputs = [leaves.get(name, given[name]) for name in names]
            ys = wrong.outputs(options_of(symptom), own, inputs)
            found = {name: y.detach() for name, y in zip(("output", "attention"), ys, strict=True)}
            pairs = zip(ys, drawn.cotangents, strict=True)
            used = [(y, dy.double()) for y, dy in pairs if dy is not None and dy.shape == y.shape]
            gradients = torch.autograd.grad(
                [y for y, _ in used], [*leaves.values()], [dy for _, dy in used], materialize_grads=True
            )
    except (RuntimeError, ValueError, KeyError, IndexError):
        return {}
    return found | {f"d{name}": value for name, value in zip(leaves, gradients, strict=True)}
