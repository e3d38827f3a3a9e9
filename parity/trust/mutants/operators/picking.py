"""Wrong derivatives of the operators that move, copy and pick elements: their adjoints gone wrong."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table
from parity.trust.mutants.operators.of_two import averaged, first_repeat
from parity.trust.planted import Call


def not_put_back(value: Tensor, call: Call) -> Tensor:
    """Return the cotangent in the order in which it came."""
    return call.cotangent.reshape(value.shape).clone()


def permuted_again(value: Tensor, call: Call) -> Tensor:
    """Return the cotangent with its axes permuted as in forward, not by the inverse."""
    arguments = call.option("arguments")
    dims = arguments[0] if isinstance(arguments[0], tuple) else arguments
    return call.cotangent.permute(dims).reshape(value.shape).clone()


def flipped_everywhere(_: Tensor, call: Call) -> Tensor:
    return call.cotangent.flip(*range(call.cotangent.dim()))


def interleaved(value: Tensor, call: Call) -> Tensor:
    """Return the sum over copies as if each element had been repeated next to itself."""
    times = call.option("arguments")
    lined = (1,) * (len(times) - value.dim()) + tuple(value.shape)
    blocks = call.cotangent.reshape([n for pair in zip(lined, times, strict=True) for n in pair])
    return blocks.sum(tuple(range(1, 2 * len(lined), 2))).reshape(value.shape)


def times_picked(call: Call) -> Tensor:
    """Return how often each element of x was picked."""
    return call.again(dy=torch.ones_like(call.y))["dx"]


def once(value: Tensor, call: Call) -> Tensor:
    """Return the mean over the places that read an element, where it should be the sum."""
    return value / times_picked(call).clamp_min(1)


def elsewhere(value: Tensor, call: Call) -> Tensor:
    """Return a gradient that is not zero where nothing was picked."""
    return value + 1e-3 * (times_picked(call) == 0).to(value.dtype)


def last_window_forgotten(_: Tensor, call: Call) -> Tensor:
    dy = call.cotangent.clone()
    dy.select(call.option("arguments")[0], -1).zero_()
    return call.again(dy=dy)["dx"]


def pieces(call: Call) -> list[Tensor]:
    """Return the cotangents of x, of the other, and of x again."""
    dim = call.option("dim")
    extents = [call.x.shape[dim], call.parameters["other"].shape[dim], call.x.shape[dim]]
    return list(torch.split(call.cotangent, extents, dim))


def neighbour(value: Tensor, call: Call) -> Tensor:
    """Return the piece of the cotangent that begins one place too early."""
    dim = call.option("dim")
    return call.cotangent.narrow(dim, call.x.shape[dim] - 1, value.shape[dim]).clone()


def over_size(value: Tensor, call: Call) -> Tensor:
    """Return the gradient of the means of slices, where it is to be that of their sums."""
    index = torch.tensor(call.option("index"))
    sizes = torch.bincount(index)[index].to(value.dtype)
    extents = [-1 if axis == call.option("dim") % value.dim() else 1 for axis in range(value.dim())]
    return value / sizes.reshape(extents)


def in_order(value: Tensor, call: Call) -> Tensor:
    """Return the cotangent slice by slice as it lies, whatever the numbers are."""
    dim = call.option("dim")
    return call.cotangent.index_select(dim, torch.arange(value.shape[dim]) % call.cotangent.shape[dim])


PICKED: Faults = {
    "mean over the places that read it": ("mean for sum", once),
    "not zero where nothing was picked": ("extra term", elsewhere),
    "shifted by one": ("shifted by one", c.shifted),
}
COPIED: Faults = {
    "first of the copies alone": ("missing term", first_repeat("dx")),
    "mean over the copies": ("mean for sum", averaged),
}
PICKING: Mapping[str, Table] = {
    "t": {"not transposed back": ("transposed", not_put_back)},
    "transpose": {"not transposed back": ("transposed", not_put_back)},
    "permute": {
        "not put back": ("wrong order", not_put_back),
        "permuted again": ("wrong order", permuted_again),
    },
    "reshape": {
        "rows reversed": ("wrong order", lambda v, _: v.flip(0)),
        "shifted by one": ("shifted by one", c.shifted),
    },
    "flip": {
        "not flipped back": ("wrong order", not_put_back),
        "flipped along every axis": ("wrong axis", flipped_everywhere),
    },
    "expand": COPIED,
    "repeat": COPIED | {"copies interleaved": ("wrong order", interleaved)},
    "unfold": {
        "mean over the windows": ("mean for sum", once),
        "last window forgotten": ("missing term", last_window_forgotten),
        "windows reversed": ("wrong order", lambda _, call: call.again(dy=call.cotangent.flip(-1))["dx"]),
    },
    "__getitem__": PICKED,
    "gather": PICKED,
    "index_select": PICKED,
    "index_sum": {
        "mean over the slices": ("mean for sum", over_size),
        "slices in order": ("wrong order", in_order),
        "shifted by one": ("shifted by one", c.shifted),
    },
    "cat": {
        "first place alone": ("missing term", lambda _, call: pieces(call)[0].clone()),
        "last place alone": ("missing term", lambda _, call: pieces(call)[2].clone()),
        "mean of both places": ("mean for sum", lambda v, _: v / 2),
    },
}
PICKING_OTHER: Mapping[str, Table] = {
    "cat": {
        "one place too early": ("shifted by one", neighbour),
        "piece reversed": ("wrong order", lambda v, call: v.flip(call.option("dim"))),
    },
}
