"""Faults of local response normalisation: another window, another share of it, a derivative of half the formula."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant

MODULE = "LocalResponseNorm"
DEFAULTS = {"alpha": 1e-4, "beta": 0.75, "k": 1.0}


def option(call: Call, name: str) -> float:
    value = call.option(name)
    return DEFAULTS[name] if value is None else float(value)


def powered(call: Call, base: Tensor, lower: int = 0) -> Tensor:
    """Return base^-beta, or base to a power that is lower by so much."""
    power: Tensor = base ** (-option(call, "beta") - lower)
    return power


def window(value: Tensor, before: int, behind: int) -> Tensor:
    """Return the sum over so many channels before and behind every channel."""
    total = torch.zeros_like(value)
    for by in range(-before, behind + 1):
        moved = torch.zeros_like(value)
        kept = max(0, value.shape[1] - abs(by))
        moved[:, max(0, -by) : max(0, -by) + kept] = value[:, max(0, by) : max(0, by) + kept]
        total = total + moved
    return total


def base(call: Call, before: int = 0, behind: int = 0, divided: bool = True) -> Tensor:
    """Return what the power is taken of, with a window longer by `before` and `behind`, in float64."""
    size = call.option("size")
    sums = window(call.x.double().square(), size // 2 + before, (size - 1) // 2 + behind)
    return option(call, "k") + option(call, "alpha") / (size if divided else 1) * sums


def terms(call: Call, of: Tensor, before: int = 0, behind: int = 0, divided: bool = True) -> tuple[Tensor, Tensor]:
    """Return dx without the neighbours' term, and that term, for a base; its window longer by so much."""
    size, beta, x, dy = call.option("size"), option(call, "beta"), call.x.double(), call.cotangent.double()
    weighed = window(dy * x * powered(call, of, 1), (size - 1) // 2 + before, size // 2 + behind)
    factor = 2 * option(call, "alpha") * beta / (size if divided else 1)
    return dy * powered(call, of), -factor * x * weighed


def output(**otherwise: Any) -> Change:
    """Return the change to the output of another base."""
    return lambda v, call: (call.x.double() * powered(call, base(call, **otherwise))).to(v.dtype)


def dx(share: float = 1.0, **otherwise: Any) -> Change:
    """Return the change to dx with a share of the neighbours' term, its window otherwise."""

    def change(value: Tensor, call: Call) -> Tensor:
        direct, beside = terms(call, base(call), **otherwise)
        return (direct + share * beside).to(value.dtype)

    return change


def of_own_square(value: Tensor, call: Call) -> Tensor:
    """Return dx where the derivative of every channel's base is by that channel alone."""
    size, beta, x, dy = int(call.option("size")), option(call, "beta"), call.x.double(), call.cotangent.double()
    own = 2 * option(call, "alpha") * beta / size * x.square() * dy * powered(call, base(call), 1)
    return (dy * powered(call, base(call)) - own).to(value.dtype)


def outer_missing(value: Tensor, call: Call) -> Tensor:
    """Return dx whose neighbours' term lacks x, the derivative of its square."""
    direct, beside = terms(call, base(call))
    return (direct + beside / call.x.double()).to(value.dtype)


def exponent_kept(value: Tensor, call: Call) -> Tensor:
    """Return dx with the power -beta where that of the derivative is one lower."""
    direct, _ = terms(call, base(call))
    size, beta, x = int(call.option("size")), option(call, "beta"), call.x.double()
    weighed = window(call.cotangent.double() * x * powered(call, base(call)), (size - 1) // 2, size // 2)
    return (direct - 2 * option(call, "alpha") * beta / size * x * weighed).to(value.dtype)


def with_option(quantity: str, **others: float) -> Change:
    return lambda _, call: call.again(options=others)[quantity]


def ignored(quantity: str) -> Table:
    return {
        "alpha of torch's default": ("option ignored", with_option(quantity, alpha=1e-4)),
        "beta of torch's default": ("option ignored", with_option(quantity, beta=0.75)),
        "k of torch's default": ("option ignored", with_option(quantity, k=1.0)),
        "k missing": ("missing term", with_option(quantity, k=0.0)),
        "beta one": ("wrong formula", with_option(quantity, beta=1.0)),
        "size one more": (
            "wrong formula",
            lambda _, call: call.again(options={"size": call.option("size") + 1})[quantity],
        ),
    }


OUTPUT: Table = {
    "alpha not divided by size": ("wrong formula", output(divided=False)),
    "window one longer behind": ("extra term", output(behind=1)),
    "window one longer before": ("extra term", output(before=1)),
    "window one shorter": ("missing term", output(behind=-1)),
    "window shifted by one": ("wrong formula", output(before=1, behind=-1)),
    "window turned round": (
        "wrong formula",
        lambda v, call: output(before=call.option("size") % 2 - 1, behind=1 - call.option("size") % 2)(v, call),
    ),
    "neighbours left out": ("missing term", lambda _, call: own_alone(call)),
    "not to the power": (
        "wrong formula",
        lambda v, call: (call.x.double() / base(call)).to(v.dtype) if option(call, "beta") != 1 else v,
    ),
    "multiplied, not divided": (
        "wrong formula",
        lambda v, call: (call.x.double() * base(call) ** option(call, "beta")).to(v.dtype),
    ),
}
DX: Table = {
    "neighbours' term missing": ("missing term", dx(0.0)),
    "neighbours' term positive": ("wrong formula", dx(-1.0)),
    "two missing": ("wrong formula", dx(0.5)),
    "beta missing": ("wrong formula", lambda v, call: dx(1 / option(call, "beta"))(v, call)),
    "alpha not divided by size": ("wrong formula", dx(divided=False)),
    "by its own square alone": ("missing term", of_own_square),
    "window not turned round": (
        "wrong formula",
        lambda v, call: dx(before=1 - call.option("size") % 2, behind=call.option("size") % 2 - 1)(v, call),
    ),
    "window one longer": ("extra term", dx(behind=1)),
    "window one shorter": ("missing term", dx(before=-1)),
    "derivative of the square without x": ("wrong formula", outer_missing),
    "power of the derivative not lowered": ("wrong formula", exponent_kept),
}


def own_alone(call: Call) -> Tensor:
    """Return the output of windows of one channel, alpha divided by size still."""
    size = call.option("size")
    own = option(call, "k") + option(call, "alpha") / size * call.x.double().square()
    return (call.x.double() * powered(call, own)).to(call.x.dtype)


def mutants() -> Iterator[Mutant]:
    """Yield every fault of local response normalisation."""
    for quantity, table in {"output": OUTPUT, "dx": DX}.items():
        yield from planted(MODULE, quantity, {**table, **ignored(quantity)})
