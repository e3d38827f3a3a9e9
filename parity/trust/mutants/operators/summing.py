"""Wrong derivatives of sums, means and maxima."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Faults, Table
from parity.trust.nulls import filled
from parity.trust.planted import Call


def axes(call: Call) -> list[int]:
    """Return the axes that were reduced, counted from the front."""
    arguments, keywords = call.option("arguments"), call.option("keywords")
    dim = arguments[0] if arguments else keywords.get("dim")
    named = range(call.x.dim()) if dim is None else (dim,) if isinstance(dim, int) else dim
    return [axis % call.x.dim() for axis in named]


def terms(call: Call) -> float:
    """Return how many elements were made one."""
    return call.x.numel() / max(1, call.y.numel())


def last_term_forgotten(value: Tensor, call: Call) -> Tensor:
    out = value.clone()
    out.select(axes(call)[0], -1).zero_()
    return out


def first_term_alone(value: Tensor, call: Call) -> Tensor:
    axis = axes(call)[0]
    out = torch.zeros_like(value)
    out.select(axis, 0).copy_(value.select(axis, 0))
    return out


def along_another_axis(value: Tensor, call: Call) -> Tensor:
    """Return the cotangent laid out as its memory runs, not along the axes that were reduced."""
    return filled(value.shape, call.cotangent).clone()


def attained(call: Call) -> Tensor:
    return (call.x == call.x.amax(axes(call), keepdim=True)).to(call.x.dtype)


def whole_at_every_tie(value: Tensor, call: Call) -> Tensor:
    return value * attained(call).sum(axes(call), keepdim=True)


def everywhere(_: Tensor, call: Call) -> Tensor:
    """Return the cotangent at every term, as for a sum."""
    kept = [1 if axis in axes(call) else extent for axis, extent in enumerate(call.x.shape)]
    return call.cotangent.reshape(kept).expand(call.x.shape).clone()


ADDED: Faults = {
    "last term forgotten": ("zero tail", last_term_forgotten),
    "first term alone": ("missing term", first_term_alone),
    "along another axis": ("wrong axis", along_another_axis),
}
LARGEST: Faults = {
    "whole at every tie": ("wrong at a tie", whole_at_every_tie),
    "mask missing": ("missing factor", everywhere),
    "of the minimum": ("wrong formula", lambda _, call: call.again(x=-call.x)["dx"]),
    "times x": ("extra term", lambda v, call: v * call.x),
}
SUMMING: Mapping[str, Table] = {
    "sum": ADDED | {"over n": ("mean for sum", lambda v, call: v / terms(call))},
    "mean": ADDED
    | {
        "n missing": ("sum for mean", lambda v, call: v * terms(call)),
        "n - 1": ("wrong formula", lambda v, call: v * terms(call) / (terms(call) - 1)),
        "n of all elements": ("factor 1/N", lambda v, call: v * terms(call) / call.x.numel()),
    },
    "amax": LARGEST,
    "max": LARGEST,
}
