"""Faults of what losses weigh by: classes, elements, ignored targets, smoothed ones."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table, planted
from parity.trust.mutants.specific.distances import ignored, option
from parity.trust.mutants.specific.losses import REDUCTION_DX, REDUCTION_OUTPUT, is_mean, reduction, where
from parity.trust.planted import Call, Change, Mutant
from parity.verdict.draw import Tensors


def asked(call: Call, t: Tensor, x: Tensor | None = None, options: Mapping[str, Any] | None = None) -> Tensors:
    """Return output and dx of the honest module for another target, prediction or other options."""
    built = call.site.build(options or {}, {})
    y = built.forward(call.x if x is None else x, t)
    return {"output": y, "dx": built.backward(call.dy if call.dy is not None or not y.dim() else torch.ones_like(y))}


def indices(call: Call) -> bool:
    return not call.t.is_floating_point()


def of_indices(change: Change) -> Change:
    """Return the change that is made where the target is class indices."""
    return lambda value, call: change(value, call) if indices(call) else value


def at(call: Call) -> int:
    """Return the axis of the classes."""
    return min(1, call.x.dim() - 1)


def left_out(call: Call) -> Tensor:
    """Return which targets are ignored."""
    return call.t == option(call, "ignore_index", -100)


def weights(call: Call) -> Tensor:
    """Return what every class weighs."""
    weight = call.option("weight")
    return torch.ones(call.x.shape[at(call)], dtype=call.x.dtype) if weight is None else weight


def weighed(call: Call) -> Tensor:
    """Return what every position weighs, an ignored one nothing."""
    return weights(call)[call.t.masked_fill(left_out(call), 0)].masked_fill(left_out(call), 0)


def over(wrong: str) -> Change:
    """Return the change of a mean to one that divides by another total."""

    def change(value: Tensor, call: Call) -> Tensor:
        own = weighed(call)
        totals = {
            "positions": own.numel(),
            "kept": int((~left_out(call)).sum()),
            "weights and ignored": float(own.sum()) + int(left_out(call).sum()),
            "all weights": float(weights(call).sum()),
        }
        return value * (float(own.sum()) / max(1, totals[wrong]))

    return of_indices(where("mean", change))


def shown(quantity: str) -> Change:
    """Return the change to what is computed when an ignored target is the last class, and the mean as it was."""

    def change(_: Tensor, call: Call) -> Tensor:
        t = call.t.masked_fill(left_out(call), call.x.shape[at(call)] - 1)
        sums = {"reduction": "sum"} if is_mean(call) else {}
        return asked(call, t, options=sums)[quantity] / (weighed(call).sum() if is_mean(call) else 1)

    return of_indices(change)


def rolled(quantity: str) -> Change:
    """Return the change to what is computed when every class has the weight of the next."""
    return lambda _, call: call.again(options={"weight": weights(call).roll(1)})[quantity]


def squared(quantity: str) -> Change:
    return lambda _, call: call.again(options={"weight": weights(call) ** 2})[quantity]


def of_classes(quantity: str) -> Faults:
    """Return what may be wrong with the weights of a loss of classes."""
    return {
        "weight ignored": ("option ignored", ignored(quantity, "weight", None)),
        "weight of the next class": ("shifted by one", rolled(quantity)),
        "weight squared": ("extra term", squared(quantity)),
        "weights in the numerator only": ("factor 1/N", over("kept")),
        "mean over the positions": ("factor 1/N", over("positions")),
        "mean over the weights of all classes": ("factor 1/N", over("all weights")),
        "ignored targets counted in the mean": ("factor 1/N", over("weights and ignored")),
        "ignored targets not ignored": ("option ignored", shown(quantity)),
        "first class ignored too": (
            "zero sample",
            of_indices(lambda value, call: asked(call, first_ignored(call))[quantity] if call.x.numel() else value),
        ),
    }


def first_ignored(call: Call) -> Tensor:
    return call.t.masked_fill(call.t == 0, int(option(call, "ignore_index", -100)))


def onto(call: Call) -> Tensor:
    """Return the target as probabilities; of an ignored position, zeros."""
    if not indices(call):
        return call.t
    places = call.t.masked_fill(left_out(call), 0).unsqueeze(at(call))
    whole = torch.zeros_like(call.x).scatter(at(call), places, 1.0)
    return whole.masked_fill(left_out(call).unsqueeze(at(call)), 0)


def reweighed(call: Call, target: Tensor) -> Tensor:
    """Return a target times the weights of the classes, 0 where it is ignored."""
    each = target * weights(call).view(-1, *[1] * (call.x.dim() - at(call) - 1))
    return each.masked_fill(left_out(call).unsqueeze(at(call)), 0) if indices(call) else each


def total(call: Call, values: Tensor) -> Tensor | int:
    """Return what the mean divides by."""
    return weighed(call).sum() if indices(call) else values.numel()


def entropy_of(call: Call, target: Tensor) -> Tensor:
    """Return the cross-entropies of a whole target, weights included, reduced."""
    values = -(torch.log_softmax(call.x, at(call)) * target).sum(at(call))
    if reduction(call) == "none":
        return values
    return values.sum() / (total(call, values) if is_mean(call) else 1)


def slope_to(call: Call, target: Tensor) -> Tensor:
    """Return dx of the cross-entropies of a whole target, weights included."""
    values = target.sum(at(call))
    share = (call.cotangent / (total(call, values) if is_mean(call) else 1)).expand(values.shape).unsqueeze(at(call))
    return (torch.softmax(call.x, at(call)) * target.sum(at(call), keepdim=True) - target) * share


def smoothing(call: Call) -> float:
    return option(call, "label_smoothing", 0.0)


def over_others(call: Call) -> Tensor:
    """Return the target of which a share is spread over the other classes alone."""
    t, share = onto(call), smoothing(call)
    return reweighed(call, (1 - share) * t + share / max(1, call.x.shape[at(call)] - 1) * (1 - t))


def added(call: Call) -> Tensor:
    """Return the target to which the share is added, nothing taken away."""
    return reweighed(call, onto(call) + smoothing(call) / max(1, call.x.shape[at(call)]))


def of_chosen(call: Call) -> Tensor:
    """Return the smoothed target, all of it with the weight of the chosen class."""
    share = smoothing(call)
    whole = (1 - share) * onto(call) + share / max(1, call.x.shape[at(call)])
    chosen = (onto(call) * reweighed(call, onto(call))).sum(at(call), keepdim=True)
    return whole * chosen


def to_one(call: Call) -> Tensor:
    """Return dx in which the softmax is not multiplied by what the smoothed target adds up to."""
    share, classes = smoothing(call), max(1, call.x.shape[at(call)])
    target = reweighed(call, (1 - share) * onto(call) + share / classes)
    missing = torch.softmax(call.x, at(call)) * (target.sum(at(call), keepdim=True) - 1)
    values = target.sum(at(call))
    share_of = call.cotangent / (total(call, values) if is_mean(call) else 1)
    return slope_to(call, target) - missing * share_of.expand(values.shape).unsqueeze(at(call))


CROSS_OUTPUT: Table = of_classes("output") | {
    "smoothing ignored": ("option ignored", ignored("output", "label_smoothing", 0.0)),
    "smoothed over the other classes": ("constant off", lambda _, call: entropy_of(call, over_others(call))),
    "smoothing added": ("extra term", lambda _, call: entropy_of(call, added(call))),
    "smoothing weighed by the chosen class": (
        "wrong formula",
        of_indices(lambda _, call: entropy_of(call, of_chosen(call))),
    ),
}
CROSS_DX: Table = of_classes("dx") | {
    "smoothing left out of the gradient": ("option ignored", ignored("dx", "label_smoothing", 0.0)),
    "smoothed over the other classes": ("constant off", lambda _, call: slope_to(call, over_others(call))),
    "smoothing added": ("extra term", lambda _, call: slope_to(call, added(call))),
    "smoothing weighed by the chosen class": (
        "wrong formula",
        of_indices(lambda _, call: slope_to(call, of_chosen(call))),
    ),
    "weights taken to sum to one": ("missing factor", lambda _, call: to_one(call)),
}
NLL_OUTPUT: Table = of_classes("output") | {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "sign forgotten": ("sign", lambda v, _: -v),
    "bounded at a hundred": ("wrong formula", lambda v, _: v.clamp_max(100)),
    "logarithm taken too": ("extra term", lambda _, call: asked(call, call.t, call.x.exp().log1p())["output"]),
    "softmax too": ("extra term", lambda _, call: asked(call, call.t, torch.log_softmax(call.x, at(call)))["output"]),
    "class shifted by one": ("shifted by one", lambda _, call: asked(call, call.t, call.x.roll(1, at(call)))["output"]),
    "averaged over classes": ("mean for sum", lambda v, call: v / call.x.shape[at(call)]),
}
NLL_DX: Table = of_classes("dx") | {
    "positive": ("sign", lambda v, _: -v),
    "class shifted by one": ("shifted by one", lambda v, call: v.roll(1, at(call))),
    "averaged over classes": ("mean for sum", lambda v, call: v / call.x.shape[at(call)]),
    "spread over the classes": ("wrong formula", lambda v, call: v.mean(at(call), keepdim=True).expand_as(v).clone()),
    "times the prediction": ("extra term", lambda v, call: v * call.x),
    "of a softmax": ("extra term", lambda v, call: v - torch.softmax(call.x, at(call)) * v.sum(at(call), keepdim=True)),
}


def over_elements(value: Tensor, call: Call) -> Tensor:
    """Return a mean that divides by the sum of the weights in place of the number of losses."""
    weight = call.option("weight")
    return value if weight is None else value * (call.x.numel() / float(weight.expand(call.x.shape).sum()))


def of_elements(quantity: str) -> Faults:
    """Return what may be wrong with the weights of a loss of each element."""
    return {
        "weight ignored": ("option ignored", ignored(quantity, "weight", None)),
        "weight squared": ("extra term", lambda _, call: by_weight(call, lambda weight: weight**2)[quantity]),
        "weight of the next element": ("shifted by one", lambda _, call: by_weight(call, shift)[quantity]),
        "mean over the weights": ("factor 1/N", where("mean", over_elements)),
    }


def shift(weight: Tensor) -> Tensor:
    return weight.roll(1, -1)


def by_weight(call: Call, change: Any) -> Tensors:
    weight = call.option("weight")
    return call.again() if weight is None else call.again(options={"weight": change(weight)})


def exchanged(quantity: str, sign: int) -> Change:
    """Return the change to what is computed when pos_weight stands at the other term: both are mirrored."""
    return lambda _, call: sign * asked(call, 1 - call.t, -call.x)[quantity]


def positive(quantity: str) -> Faults:
    """Return what may be wrong with the weight of the positive term."""
    return {
        "pos_weight ignored": ("option ignored", ignored(quantity, "pos_weight", None)),
        "pos_weight on the negative term": ("wrong formula", exchanged(quantity, 1 if quantity == "output" else -1)),
        "pos_weight on both terms": ("extra term", lambda value, call: both(value, call, quantity)),
    }


def both(value: Tensor, call: Call, quantity: str) -> Tensor:
    weight, given = call.option("weight"), call.option("pos_weight")
    if given is None:
        return value
    return call.again(options={"pos_weight": None, "weight": given if weight is None else weight * given})[quantity]


def unweighed_sigmoid(value: Tensor, call: Call) -> Tensor:
    """Return dx in which pos_weight stands at the target alone."""
    given = call.option("pos_weight")
    if given is None:
        return value
    plain = asked(call, call.t, options={"pos_weight": None, "weight": None})["dx"]
    share = call.cotangent / (call.x.numel() if is_mean(call) else 1)
    slope: Tensor = plain - (given - 1) * call.t * share
    return slope if call.option("weight") is None else slope * call.option("weight")


TABLES: dict[str, tuple[Table, Table]] = {
    "NLLLoss": ({**REDUCTION_OUTPUT, **NLL_OUTPUT}, {**REDUCTION_DX, **NLL_DX}),
    "CrossEntropyLoss": (CROSS_OUTPUT, CROSS_DX),
    "BCELoss": (of_elements("output"), of_elements("dx")),
    "BCEWithLogitsLoss": (
        of_elements("output") | positive("output"),
        of_elements("dx") | positive("dx") | {"pos_weight at the target alone": ("missing factor", unweighed_sigmoid)},
    ),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of what these losses weigh by."""
    for module, (output, dx) in TABLES.items():
        yield from planted(module, "output", output)
        yield from planted(module, "dx", dx)
