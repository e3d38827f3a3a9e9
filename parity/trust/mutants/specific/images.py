"""Faults of the layers that lay pixels elsewhere: borders, straight lines between pixels, channels as pixels."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.diagnosis.symptom import fitted
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant


def widths(call: Call) -> tuple[int, int, int, int]:
    """Return left, right, top and bottom of a border."""
    padding = call.option("padding")
    return (padding,) * 4 if isinstance(padding, int) else tuple(padding)


def within(value: Tensor, call: Call) -> Tensor:
    """Return what of a framed image lies inside the border."""
    left, _, top, _ = widths(call)
    rows, columns = call.x.shape[-2:]
    return value[..., top : top + rows, left : left + columns]


def border_dropped(_: Tensor, call: Call) -> Tensor:
    """Return dx without what came from the border."""
    return within(call.cotangent, call).clone()


def border_averaged(value: Tensor, call: Call) -> Tensor:
    """Return dx as a mean over the places that show a pixel."""
    return value / call.again(dy=torch.ones_like(call.y))["dx"]


def border_of_zeros(value: Tensor, call: Call) -> Tensor:
    out = torch.zeros_like(value)
    within(out, call).copy_(call.x)
    return out


def widths_by_axes(quantity: str) -> Change:
    """Return the change to what the widths of rows give for columns, and the reverse; none where there is no room."""

    def change(value: Tensor, call: Call) -> Tensor:
        left, right, top, bottom = widths(call)
        if max(left, right) >= call.x.shape[-2] or max(top, bottom) >= call.x.shape[-1]:
            return value
        return fitted(call.again(options={"padding": (top, bottom, left, right)})[quantity], value.shape)

    return change


def sides_swapped(quantity: str) -> Change:
    """Return the change to what the widths give with left for right and top for bottom."""

    def change(value: Tensor, call: Call) -> Tensor:
        left, right, top, bottom = widths(call)
        return fitted(call.again(options={"padding": (right, left, bottom, top)})[quantity], value.shape)

    return change


def edge_shown_twice(value: Tensor, call: Call) -> Tensor:
    """Return the image reflected about its end, so that the outermost pixel shows twice."""
    left, right, top, bottom = widths(call)
    rows, columns = (
        mirrored(*ends, value) for ends in ((top, call.x.shape[-2], bottom), (left, call.x.shape[-1], right))
    )
    return call.x[..., rows[:, None], columns]


def mirrored(before: int, extent: int, after: int, like: Tensor) -> Tensor:
    places = torch.arange(-before, extent + after, device=like.device) % (2 * extent)
    return places.minimum(2 * extent - 1 - places)


def of_border(quantity: str) -> Table:
    """Return what can go wrong with any border, in either direction."""
    return {
        "widths of rows for columns": ("wrong order", widths_by_axes(quantity)),
        "sides swapped": ("wrong order", sides_swapped(quantity)),
    }


SHOWN_OUTPUT: Table = {"border of zeros": ("wrong formula", border_of_zeros)}
SHOWN_DX: Table = {
    "border dropped": ("missing term", border_dropped),
    "border averaged": ("wrong formula", border_averaged),
}


def shares(call: Call, axis: int) -> Tensor:
    """Return the share of every pixel in every place of an axis, (out, extent), without the offset of half a pixel."""
    extent, out = call.x.shape[axis], call.y.shape[axis]
    place = (torch.arange(out, dtype=torch.float64) * extent / out).clamp(0, extent - 1)
    return (1 - (place[:, None] - torch.arange(extent)).abs()).clamp_min(0).to(call.x)


def without_half(_: Tensor, call: Call) -> Tensor:
    return shares(call, -2) @ call.x @ shares(call, -1).t()


def without_half_back(_: Tensor, call: Call) -> Tensor:
    return shares(call, -2).t() @ call.cotangent @ shares(call, -1)


def aligned(quantity: str, corners: bool) -> Change:
    return lambda _, call: call.again(options={"align_corners": corners})[quantity]


def lines(quantity: str) -> Table:
    """Return what can go wrong with straight lines, in either direction."""
    return {
        "align_corners ignored": ("option ignored", aligned(quantity, False)),
        "corners always aligned": ("option ignored", aligned(quantity, True)),
        "half a pixel missing": ("missing term", without_half if quantity == "output" else without_half_back),
    }


def dealt(value: Tensor, first: int) -> Tensor:
    """Return the channels dealt out: those that are `first` apart come to lie together."""
    shape = value.shape
    apart = value.reshape(*shape[:-3], first, shape[-3] // first, *shape[-2:])
    return apart.transpose(-4, -3).reshape(shape)


def channels_dealt(quantity: str, factor: str) -> Change:
    """Return the change to channels that lie by blocks first, as where the axis of channels comes last."""

    def change(value: Tensor, call: Call) -> Tensor:
        squared, given = int(call.option(factor)) ** 2, call.x if quantity == "output" else call.cotangent
        if value.shape[-3] > given.shape[-3]:  # of the blocks' channels
            return dealt(value, value.shape[-3] // squared)
        other = dealt(given, squared)
        return (call.again(x=other) if quantity == "output" else call.again(dy=other))[quantity]

    return change


def blocks_turned(factor: str) -> Change:
    """Return the change to blocks with rows for columns, whether the value holds them as pixels or as channels."""

    def change(value: Tensor, call: Call) -> Tensor:
        r, shape = int(call.option(factor)), value.shape
        if shape[-3] == max(call.x.shape[-3], call.y.shape[-3]):
            return value.reshape(*shape[:-3], shape[-3] // r**2, r, r, *shape[-2:]).transpose(-4, -3).reshape(shape)
        return value.reshape(*shape[:-2], shape[-2] // r, r, shape[-1] // r, r).transpose(-3, -1).reshape(shape)

    return change


def shuffled(quantity: str, factor: str) -> Table:
    """Return what can go wrong where channels become pixels or pixels channels, in either direction."""
    return {
        "channels by blocks first": ("channels swapped", channels_dealt(quantity, factor)),
        "blocks turned": ("wrong order", blocks_turned(factor)),
    }


def mutants() -> Iterator[Mutant]:
    """Yield every fault of these layers."""
    for module in ("ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d"):
        for quantity in ("output", "dx"):
            yield from planted(module, quantity, of_border(quantity))
    for module in ("ReflectionPad2d", "ReplicationPad2d"):
        yield from planted(module, "output", SHOWN_OUTPUT)
        yield from planted(module, "dx", SHOWN_DX)
    twice: Table = {"edge shown twice": ("wrong formula", edge_shown_twice)}
    yield from planted("ReflectionPad2d", "output", twice)
    for quantity in ("output", "dx"):
        yield from planted("BilinearUpsampling", quantity, lines(quantity))
        yield from planted("PixelShuffle", quantity, shuffled(quantity, "upscale_factor"))
        yield from planted("PixelUnshuffle", quantity, shuffled(quantity, "downscale_factor"))
