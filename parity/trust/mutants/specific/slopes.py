"""Faults of a rectifier whose slope is learnt: the slope of another channel, of the wrong side, its gradient summed
over too much or too little."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant

MODULE = "PReLU"


def sloped(quantity: str, other: Callable[[Tensor], Tensor]) -> Change:
    """Return the change to what other slopes give."""
    return lambda _, call: call.again(parameters={"weight": other(call.parameters["weight"])})[quantity]


def first_of_all(weight: Tensor) -> Tensor:
    return weight[:1].expand(weight.shape).clone()


def slope(call: Call) -> Tensor:
    """Return the slope of every element of x."""
    weight = call.parameters["weight"]
    return weight.reshape(()) if len(weight) == 1 else weight.reshape(-1, *[1] * (call.x.dim() - 2))


def summed(each: Tensor, value: Tensor) -> Tensor:
    """Return numbers that there are for every element of x, summed as the slopes' gradient is."""
    if len(value) == 1:
        return each.sum().reshape(1).to(value.dtype)
    return each.transpose(0, 1).flatten(1).sum(1).to(value.dtype)


def shares(call: Call) -> Tensor:
    """Return what every element adds to the slopes' gradient."""
    return torch.where(call.x > 0, torch.zeros_like(call.x), call.x * call.cotangent).double()


def of(each: Callable[[Call], Tensor]) -> Change:
    return lambda value, call: summed(each(call).double(), value)


def of_first_place(value: Tensor, call: Call) -> Tensor:
    """Return the gradient from the first place of every channel alone."""
    if call.x.dim() < 3 or not call.x.numel():
        return value
    kept = torch.zeros_like(call.x)
    kept[..., 0] = 1
    return summed(shares(call) * kept, value)


def both(quantity: str) -> Table:
    return {
        "slope of the first channel for all": ("option ignored", sloped(quantity, first_of_all)),
        "slope of the channel before": ("shifted by one", sloped(quantity, lambda weight: weight.roll(1))),
        "slopes in reverse order": ("channels swapped", sloped(quantity, lambda weight: weight.flip(0))),
        "slope's size alone": ("sign", sloped(quantity, torch.abs)),
        "slope squared": ("extra term", sloped(quantity, torch.square)),
        "slope at its initial value": ("wrong formula", sloped(quantity, lambda weight: torch.full_like(weight, 0.25))),
        "slope missing": ("missing term", sloped(quantity, torch.zeros_like)),
        "slope one": ("missing factor", sloped(quantity, torch.ones_like)),
    }


OUTPUT: Table = {
    "slope on the other side": (
        "wrong formula",
        lambda _, call: torch.where(call.x > 0, slope(call) * call.x, call.x),
    ),
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
DX: Table = {
    "slope on the other side": (
        "wrong formula",
        lambda _, call: torch.where(call.x > 0, slope(call), 1) * call.cotangent,
    ),
    "mask by dy": (
        "derivative at the wrong tensor",
        lambda _, call: torch.where(call.cotangent > 0, 1, slope(call)) * call.cotangent,
    ),
    "mask by y": (
        "derivative at the wrong tensor",
        lambda _, call: torch.where(call.y > 0, 1, slope(call)) * call.cotangent,
    ),
    "two at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, 2 * call.cotangent + 1, v)),
}
DWEIGHT: Table = {
    "summed over everything": ("wrong axis", lambda v, _: v.sum().expand(v.shape).clone()),
    "of the positive side": ("wrong formula", of(lambda call: call.x.clamp_min(0) * call.cotangent)),
    "of both sides": ("extra term", of(lambda call: call.x * call.cotangent)),
    "of |x|": ("sign", of(lambda call: -shares(call))),
    "of dy alone": ("missing factor", of(lambda call: torch.where(call.x > 0, 0.0, call.cotangent))),
    "of x alone": ("cotangent ignored", of(lambda call: call.x.clamp_max(0))),
    "of y, not of x": (
        "derivative at the wrong tensor",
        of(lambda call: torch.where(call.x > 0, 0.0, call.y) * call.cotangent),
    ),
    "averaged, not summed": ("mean for sum", lambda v, call: v * v.numel() / call.x.numel() if call.x.numel() else v),
    "of the first place alone": ("missing term", of_first_place),
    "times the slope": ("extra term", lambda v, call: v * call.parameters["weight"]),
    "of the channel before": ("shifted by one", lambda v, _: v.roll(1)),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of a rectifier whose slope is learnt."""
    for quantity, table in {"output": OUTPUT, "dx": DX}.items():
        yield from planted(MODULE, quantity, {**table, **both(quantity)})
    yield from planted(MODULE, "dweight", DWEIGHT)
