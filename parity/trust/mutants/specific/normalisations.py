"""Faults of the layers that normalise over axes: statistics wrong, taken as constants, or of other axes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant


@dataclass(frozen=True)
class Normalised:
    """What a call normalises, written out; a fault is a change of one of its parts.

    x, dy      in blocks, so that statistics are over the last axis: (*, block)
    scale      the weight, and shift the bias, laid out in the same blocks
    """

    x: Tensor
    dy: Tensor
    scale: Tensor
    shift: Tensor
    eps: float
    centred: bool
    variance: Callable[[Tensor], Tensor]
    rstd: Callable[[Tensor, float], Tensor]

    def off(self) -> Tensor:
        return self.x - self.x.mean(-1, keepdim=True) if self.centred else self.x

    def root(self) -> Tensor:
        return self.rstd(self.variance(self.off()), self.eps)

    def xhat(self) -> Tensor:
        return self.off() * self.root()

    def output(self) -> Tensor:
        return self.xhat() * self.scale + self.shift

    def dx(self, of_mean: float = 1.0, of_variance: float = 1.0) -> Tensor:
        """Return dx with so much of the mean's term and of the variance's."""
        g = self.dy * self.scale
        by_mean = of_mean * g.mean(-1, keepdim=True) if self.centred else 0.0
        return self.root() * (g - by_mean - of_variance * self.xhat() * (g * self.xhat()).mean(-1, keepdim=True))


def biased(off: Tensor) -> Tensor:
    return off.square().mean(-1, keepdim=True)


def inside(variance: Tensor, eps: float) -> Tensor:
    return 1 / (variance + eps).sqrt()


def of_batch(call: Call) -> bool:
    """Return whether statistics are of a channel over the whole batch."""
    return call.site.module.startswith("BatchNorm")


def blocked(value: Tensor, call: Call) -> Tensor:
    """Return a tensor shaped as x in blocks: of the last axes, of a group of channels, or of one channel."""
    if of_batch(call):
        return value.transpose(0, 1).flatten(1)
    if call.option("normalized_shape") is not None:
        return value.flatten(-parameter_axes(call)) if value.dim() else value
    groups = call.option("num_groups") or value.shape[1]
    return value.reshape(len(value), groups, value.shape[1] // groups, *value.shape[2:]).flatten(2)


def unblocked(blocks: Tensor, call: Call) -> Tensor:
    """Return what lies in blocks as x lies."""
    if of_batch(call) and blocks.shape[0] == call.x.shape[1]:
        return blocks.reshape(call.x.transpose(0, 1).shape).transpose(0, 1)
    return blocks.reshape(call.x.shape)


def parameter_axes(call: Call) -> int:
    shape = call.option("normalized_shape")
    return 1 if isinstance(shape, int) else len(shape)


def spread(value: Tensor, call: Call) -> Tensor:
    """Return a parameter with an element for every one of x."""
    if call.option("normalized_shape") is None:
        value = value.reshape(-1, *[1] * (call.x.dim() - 2))
    return value.expand(call.x.shape)


def least(call: Call) -> float:
    """Return eps; where it was left out, torch's default."""
    machine = torch.finfo(torch.promote_types(call.x.dtype, torch.float32)).eps
    eps = call.option("eps")
    return (machine if call.site.module == "RMSNorm" else 1e-5) if eps is None else eps


def given(call: Call, laid: Callable[[Tensor, Call], Tensor] = blocked) -> Normalised:
    """Return what a call normalises, in float64; without weight or bias, with ones or zeros."""
    x = call.x.double()
    one, none = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    weight, bias = call.parameters.get("weight"), call.parameters.get("bias")
    scale = one.expand(x.shape) if weight is None else spread(weight.double(), call)
    shift = none.expand(x.shape) if bias is None else spread(bias.double(), call)
    x, dy, scale, shift = (laid(value, call) for value in (x, call.cotangent.double(), scale, shift))
    return Normalised(x, dy, scale, shift, least(call), call.site.module != "RMSNorm", biased, inside)


def told(quantity: str, wrong: Callable[[Call], Normalised]) -> Change:
    """Return the change to what another normalisation gives; of dweight, what its xhat gives."""

    def change(value: Tensor, call: Call) -> Tensor:
        other = wrong(call)
        if quantity == "dweight":
            return over_samples(unblocked(other.dy * other.xhat(), call), value, call)
        by_name = {"output": other.output, "dx": other.dx}
        return unblocked(by_name[quantity](), call).to(value.dtype)

    return change


def changed(quantity: str, **parts: Any) -> Change:
    """Return the change to what other parts give."""
    return told(quantity, lambda call: replace(given(call), **parts))


def of_dx(of_mean: float = 1.0, of_variance: float = 1.0) -> Change:
    """Return the change to dx with so much of either term."""
    return lambda value, call: unblocked(given(call).dx(of_mean, of_variance), call).to(value.dtype)


def over_samples(each: Tensor, value: Tensor, call: Call) -> Tensor:
    """Return numbers that there are for every element of x, summed as the gradient `value` of a parameter is."""
    each = each.reshape(call.x.shape)
    if call.option("normalized_shape") is None:
        return each.transpose(0, 1).flatten(1).sum(1).to(value.dtype)
    return each.reshape(-1, *value.shape).sum(0).to(value.dtype)


def as_it_is(value: Tensor, _: Call) -> Tensor:
    return value


def unbiased(off: Tensor) -> Tensor:
    return off.square().sum(-1, keepdim=True) / max(1, off.shape[-1] - 1)


def as_one(off: Tensor) -> Tensor:
    """Return the mean square over all axes."""
    return off.square().mean(tuple(range(off.dim())), keepdim=True)


def by_columns(off: Tensor) -> Tensor:
    """Return the mean square over the first axis."""
    return off.square().mean(0, keepdim=True)


def beside_root(variance: Tensor, eps: float) -> Tensor:
    return 1 / (variance.sqrt() + eps)


def without_root(variance: Tensor, eps: float) -> Tensor:
    return 1 / (variance + eps)


def by_weight(change: Callable[[Tensor], Tensor]) -> Change:
    """Return the change to dx of another weight."""

    def changed_weight(value: Tensor, call: Call) -> Tensor:
        if "weight" not in call.parameters:
            return value
        return call.again(parameters={"weight": change(call.parameters["weight"])})["dx"]

    return changed_weight


def without_bias(value: Tensor, call: Call) -> Tensor:
    return value - spread(call.parameters["bias"], call) if "bias" in call.parameters else value


def without_weight(value: Tensor, call: Call) -> Tensor:
    """Return the output of a weight of ones."""
    weight = call.parameters.get("weight")
    return value if weight is None else call.again(parameters={"weight": torch.ones_like(weight)})["output"]


def shifted_in_channels(value: Tensor, call: Call) -> Tensor:
    """Return the output with the weight of the place before."""
    weight = call.parameters.get("weight")
    return value if weight is None else call.again(parameters={"weight": weight.roll(1)})["output"]


def statistics(quantity: str) -> Table:
    """Return what may be wrong with the statistics, wherever they are used."""
    return {
        "eps missing": ("missing term", changed(quantity, eps=0.0)),
        "eps beside the root": ("wrong formula", changed(quantity, rstd=beside_root)),
        "eps ten times as large": (
            "constant off",
            told(quantity, lambda call: replace(given(call), eps=10 * least(call))),
        ),
        "root missing": ("wrong formula", changed(quantity, rstd=without_root)),
        "variance over everything": ("wrong axis", changed(quantity, variance=as_one)),
        "variance over the first axis": ("wrong axis", changed(quantity, variance=by_columns)),
        "unbiased variance": ("wrong formula", changed(quantity, variance=unbiased)),
        "statistics over the last axis alone": ("wrong axis", told(quantity, lambda call: given(call, as_it_is))),
    }


def of_mean(quantity: str) -> Table:
    """Return what may be wrong with the mean."""
    return {"mean not taken off": ("missing term", changed(quantity, centred=False))}


def of_root_mean_square(quantity: str) -> Table:
    """Return what may be wrong where no mean is asked for."""
    return {"mean taken off": ("extra term", changed(quantity, centred=True))}


OUTPUT: Table = {
    "weight ignored": ("missing factor", without_weight),
    "weight of the place before": ("shifted by one", shifted_in_channels),
}
BIAS: Table = {
    "bias missing": ("missing term", without_bias),
    "bias twice": ("doubled", lambda v, call: 2 * v - without_bias(v, call)),
}
DX: Table = {
    "statistics taken as constants": ("missing term", of_dx(of_mean=0.0, of_variance=0.0)),
    "term of the variance missing": ("missing term", of_dx(of_variance=0.0)),
    "term of the variance halved": ("wrong formula", of_dx(of_variance=0.5)),
    "term of the variance positive": ("wrong formula", of_dx(of_variance=-1.0)),
    "weight ignored": ("missing factor", by_weight(torch.ones_like)),
    "weight of the place before": ("shifted by one", by_weight(partial(torch.roll, shifts=1))),
    "weight squared": ("extra term", by_weight(torch.square)),
}
DX_OF_MEAN: Table = {
    "term of the mean missing": ("missing term", of_dx(of_mean=0.0)),
    "term of the mean twice": ("extra term", of_dx(of_mean=2.0)),
}
DWEIGHT: Table = {
    "of x, not of xhat": (
        "derivative at the wrong tensor",
        lambda v, call: over_samples(call.cotangent * call.x, v, call),
    ),
    "of y, not of xhat": (
        "derivative at the wrong tensor",
        lambda v, call: over_samples(call.cotangent * call.y, v, call),
    ),
    "without rstd": ("missing factor", changed("dweight", rstd=lambda variance, _: torch.ones_like(variance))),
    "averaged, not summed": ("mean for sum", lambda v, call: v * v.numel() / call.x.numel() if call.x.numel() else v),
    "summed over places too": ("wrong axis", lambda v, _: v.sum().expand(v.shape).clone()),
    "of the first sample alone": ("missing term", lambda v, call: first_alone(v, call, call.x)),
    "times the weight": ("extra term", lambda v, call: v * call.parameters["weight"]),
}
DBIAS: Table = {
    "averaged, not summed": ("mean for sum", lambda v, call: v * v.numel() / call.x.numel() if call.x.numel() else v),
    "summed over places too": ("wrong axis", lambda v, _: v.sum().expand(v.shape).clone()),
    "times the weight": ("extra term", lambda v, call: v * call.parameters["weight"]),
    "the gradient of the weight": ("wrong order", lambda _, call: call.again()["dweight"]),
}


def first_alone(value: Tensor, call: Call, x: Tensor) -> Tensor:
    """Return dweight of the first sample's cotangent."""
    dy = torch.zeros_like(call.cotangent)
    dy[:1] = call.cotangent[:1]
    return call.again(x=x, dy=dy)["dweight"] if len(x) else value


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the layers that normalise."""
    for module in ("LayerNorm", "GroupNorm", "InstanceNorm2d", "RMSNorm"):
        with_mean = of_root_mean_square if module == "RMSNorm" else of_mean
        for quantity in ("output", "dx", "dweight"):
            yield from planted(module, quantity, {**statistics(quantity), **with_mean(quantity)})
        yield from planted(module, "output", OUTPUT)
        yield from planted(module, "dx", DX)
        yield from planted(module, "dweight", DWEIGHT)
        if module != "RMSNorm":
            yield from planted(module, "output", BIAS)
            yield from planted(module, "dx", DX_OF_MEAN)
            yield from planted(module, "dbias", DBIAS)
