"""Faults of the losses: reductions, and derivatives that forget a factor."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant


def reduction(call: Call) -> str:
    return call.option("reduction") or "mean"


def is_mean(call: Call) -> bool:
    return reduction(call) == "mean"


def values(call: Call) -> Tensor:
    """Return the losses before they are reduced."""
    each: Tensor = call.site.build({"reduction": "none"}, {}).forward(*call.given)
    return each


def reduced(call: Call, each: Tensor) -> Tensor:
    """Return the losses `each`, reduced as the module was asked to."""
    if reduction(call) == "none":
        return each
    return each.mean() if is_mean(call) else each.sum()


def where(of: str, change: Change) -> Change:
    """Return the change that is made under one reduction only."""
    return lambda value, call: change(value, call) if reduction(call) == of else value


def ratio(call: Call) -> float:
    """Return how many values there are to a sample."""
    return max(1, values(call).numel()) / max(1, call.x.shape[0])


REDUCTION_OUTPUT: Table = {
    "mean for sum": ("mean for sum", where("sum", lambda _, call: values(call).mean())),
    "sum for mean": ("sum for mean", where("mean", lambda _, call: values(call).sum())),
    "last sample left out of the sum": ("missing term", where("sum", lambda _, call: values(call)[:-1].sum())),
    "last sample left out of the mean": ("missing term", where("mean", lambda _, call: values(call)[:-1].mean())),
    "divided by one less": (
        "factor 1/N",
        where("mean", lambda _, call: values(call).sum() / (values(call).numel() - 1)),
    ),
    "median for mean": ("wrong formula", where("mean", lambda v, call: values(call).median() if call.x.numel() else v)),
}
REDUCTION_DX: Table = {
    "mean for sum": ("mean for sum", where("sum", lambda v, call: v / max(1, values(call).numel()))),
    "sum for mean": ("sum for mean", where("mean", lambda v, call: v * values(call).numel())),
    "divided by one less": (
        "factor 1/N",
        where("mean", lambda v, call: v * values(call).numel() / (values(call).numel() - 1)),
    ),
    "given dy ignored": (
        "cotangent ignored",
        where("none", lambda _, call: call.again(dy=torch.ones_like(call.y))["dx"]),
    ),
    "dy squared": ("extra term", lambda _, call: call.again(dy=call.cotangent**2)["dx"]),
}


def share(call: Call) -> Tensor:
    """Return dy times the factor of the reduction, shaped as the values."""
    factor = 1 / max(1, values(call).numel()) if is_mean(call) else 1.0
    return (call.cotangent * factor).expand_as(values(call))


MSE_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "bounded at a hundred": ("wrong formula", lambda v, _: v.clamp_max(100)),
    "half": ("missing factor", lambda v, _: v / 2),
    "absolute for square": ("wrong formula", lambda _, call: reduced(call, (call.x - call.t).abs())),
    "sum for difference": ("sign", lambda _, call: reduced(call, (call.x + call.t) ** 2)),
    "root": ("wrong formula", lambda v, _: v.sqrt()),
    "mean over samples alone": ("factor 1/N", where("mean", lambda v, call: v * ratio(call))),
}
MSE_DX: Table = {
    "two missing": ("missing factor", lambda v, _: v / 2),
    "sign alone": ("wrong formula", lambda _, call: (call.x - call.t).sign() * share(call)),
    "prediction alone": ("missing term", lambda _, call: 2 * call.x * share(call)),
    "target minus prediction": ("sign", lambda _, call: 2 * (call.t - call.x) * share(call)),
    "mean over samples alone": ("factor 1/N", where("mean", lambda v, call: v * ratio(call))),
}


def entropy(call: Call, eps: float) -> Tensor:
    """Return binary cross-entropies whose logarithms are of p + eps."""
    return -call.t * (call.x + eps).log() - (1 - call.t) * (1 - call.x + eps).log()


def bounded(call: Call, bound: float) -> Tensor:
    """Return binary cross-entropies whose logarithms are kept above the bound."""
    return -call.t * call.x.log().clamp_min(bound) - (1 - call.t) * (-call.x).log1p().clamp_min(bound)


BCE_OUTPUT: Table = {
    "epsilon in the logarithm": ("constant off", lambda _, call: reduced(call, entropy(call, 1e-6))),
    "logarithm bounded at 50": ("constant off", lambda _, call: reduced(call, bounded(call, -50.0))),
    "logarithm not bounded": ("overflow", lambda _, call: reduced(call, bounded(call, -torch.inf))),
    "second term missing": ("missing term", lambda _, call: reduced(call, -call.t * call.x.log().clamp_min(-100))),
    "arguments swapped": ("wrong order", lambda _, call: call.site.build({}, {}).forward(call.t, call.x)),
    "logarithm to base 2": ("missing factor", lambda v, _: v / 0.6931471805599453),
}
BCE_DX: Table = {
    "denominator missing": ("missing factor", lambda _, call: (call.x - call.t) * share(call)),
    "1 - p missing": ("missing factor", lambda v, call: v * (1 - call.x)),
    "epsilon in the denominator": (
        "constant off",
        lambda _, call: (call.x - call.t) / ((1 - call.x) * call.x + 1e-6) * share(call),
    ),
    "denominator bounded at 1e-7": (
        "constant off",
        lambda _, call: (call.x - call.t) / ((1 - call.x) * call.x).clamp_min(1e-7) * share(call),
    ),
    "target's denominator": (
        "derivative at the wrong tensor",
        lambda _, call: (call.x - call.t) / ((1 - call.t) * call.t).clamp_min(1e-12) * share(call),
    ),
    "second term missing": ("missing term", lambda _, call: -call.t / call.x.clamp_min(1e-12) * share(call)),
}
LOGITS_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "bounded at a hundred": ("wrong formula", lambda v, _: v.clamp_max(100)),
    "overflows": ("overflow", lambda _, call: reduced(call, (1 + call.x.exp()).log() - call.t * call.x)),
    "sigmoid missing": ("missing factor", lambda _, call: reduced(call, bounded_of(call.x, call.t))),
    "through a rounded sigmoid": ("overflow", lambda _, call: reduced(call, bounded_of(call.x.sigmoid(), call.t))),
    "target term missing": (
        "missing term",
        lambda _, call: reduced(call, (call.x.clamp_min(0) + call.x.abs().neg().exp().log1p())),
    ),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}


def bounded_of(p: Tensor, t: Tensor) -> Tensor:
    return -t * p.log().clamp_min(-100) - (1 - t) * (-p).log1p().clamp_min(-100)


LOGITS_DX: Table = {
    "sigmoid missing": ("missing factor", lambda _, call: (call.x - call.t) * share(call)),
    "derivative of the sigmoid too": ("extra term", lambda v, call: v * call.x.sigmoid() * (1 - call.x.sigmoid())),
    "target missing": ("missing term", lambda _, call: call.x.sigmoid() * share(call)),
    "target at a half": ("wrong formula", lambda _, call: (call.x.sigmoid() - (call.t > 0.5).to(call.x)) * share(call)),
}


def share_of_positions(call: Call) -> Tensor:
    return share(call).unsqueeze(1)


def one_hot(call: Call) -> Tensor:
    """Return the target as probabilities."""
    if call.t.is_floating_point():
        return call.t
    at = call.t.unsqueeze(1)
    return torch.zeros_like(call.x).scatter(1, at.clamp_min(0), 1.0).masked_fill(at < 0, 0)


def cross(call: Call, t: Tensor, x: Tensor | None = None) -> Tensor:
    """Return the cross-entropies of another target or other scores."""
    return -(torch.log_softmax(call.x if x is None else x, 1) * t).sum(1)


def overflowing(call: Call) -> Tensor:
    """Return cross-entropies whose softmax is not shifted."""
    return -((call.x.exp() / call.x.exp().sum(1, keepdim=True)).log() * one_hot(call)).sum(1)


def smooth(call: Call) -> Tensor:
    return one_hot(call) * 0.999 + 0.001 / max(1, call.x.shape[1])


def q_minus(call: Call, t: Tensor) -> Tensor:
    return (torch.softmax(call.x, 1) - t) * share_of_positions(call)


CROSS_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "bounded at a hundred": ("wrong formula", lambda v, _: v.clamp_max(100)),
    "overflows": ("overflow", lambda _, call: reduced(call, overflowing(call))),
    "labels smoothed": ("constant off", lambda _, call: reduced(call, cross(call, smooth(call)))),
    "averaged over classes": ("mean for sum", lambda v, call: v / call.x.shape[1]),
    "scores not normalised": ("missing term", lambda _, call: reduced(call, -(call.x * one_hot(call)).sum(1))),
    "class shifted by one": ("shifted by one", lambda _, call: reduced(call, cross(call, one_hot(call).roll(1, 1)))),
    "softmax twice": (
        "extra term",
        lambda _, call: reduced(call, cross(call, one_hot(call), torch.softmax(call.x, 1))),
    ),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
CROSS_DX: Table = {
    "target missing": ("missing term", lambda _, call: q_minus(call, torch.zeros_like(call.x))),
    "target positive": ("sign", lambda _, call: q_minus(call, -one_hot(call))),
    "labels smoothed": ("constant off", lambda _, call: q_minus(call, smooth(call))),
    "softmax missing": ("missing factor", lambda _, call: (call.x - one_hot(call)) * share_of_positions(call)),
    "derivative of the softmax too": ("extra term", lambda v, call: v * torch.softmax(call.x, 1)),
    "averaged over classes": ("mean for sum", lambda v, call: v / call.x.shape[1]),
    "class shifted by one": ("shifted by one", lambda _, call: q_minus(call, one_hot(call).roll(1, 1))),
    "targets taken to sum to one": (
        "missing factor",
        lambda v, call: q_minus(call, one_hot(call)) if call.x.numel() else v,
    ),
    "targets taken as one class": (
        "wrong formula",
        lambda v, call: (
            q_minus(call, (one_hot(call) == one_hot(call).amax(1, keepdim=True)).to(call.x)) if call.x.numel() else v
        ),
    ),
}

TABLES: dict[str, tuple[Table, Table]] = {
    "MSELoss": (MSE_OUTPUT, MSE_DX),
    "BCELoss": (BCE_OUTPUT, BCE_DX),
    "BCEWithLogitsLoss": (LOGITS_OUTPUT, LOGITS_DX),
    "CrossEntropyLoss": (CROSS_OUTPUT, CROSS_DX),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the losses."""
    for module, (output, dx) in TABLES.items():
        for quantity, tables in {"output": (REDUCTION_OUTPUT, output), "dx": (REDUCTION_DX, dx)}.items():
            for table in tables:
                yield from planted(module, quantity, table)
