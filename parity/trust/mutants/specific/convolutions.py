"""Faults of the layers with a kernel: an option that one of the three results forgets, a kernel the wrong way round.

They reach every page with a kernel_size and a weight, however many axes its images have; a fault of an option reaches
the pages that have it.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Page
from parity.diagnosis.symptom import fitted
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table, parameters, planted
from parity.trust.planted import Call, Change, Mutant

LINEAR = ("output", "dx", "dweight")


def with_kernels() -> list[Page]:
    """Return the pages of layers with a kernel."""
    return [
        page
        for page in pages().values()
        if "kernel_size" in page.cases[0].options and "weight" in parameters(page) and page.multilinear
    ]


def axes(call: Call) -> int:
    """Return how many axes an image has."""
    return call.parameters["weight"].dim() - 2


def at(call: Call, channel: object) -> tuple[object, ...]:
    """Return the index of a channel in all samples, also where an image comes alone."""
    return (..., channel, *[slice(None)] * axes(call))


def last_row(call: Call) -> tuple[object, ...]:
    """Return the index of the last row of every image; of a sequence, of its last element."""
    return (..., -1, *[slice(None)] * (axes(call) - 1))


def ignoring(quantity: str, **options: object) -> Change:
    """Return the change to what the module gives with these options instead, cut or padded to the right shape."""
    return lambda value, call: fitted(call.again(options=options)[quantity], value.shape)


def padded_more(quantity: str) -> Change:
    """Return the change to what one more pixel of padding gives: an image shifted by one. Words tell no number."""

    def change(value: Tensor, call: Call) -> Tensor:
        padding = call.option("padding") or 0
        if isinstance(padding, str):
            return value
        more = padding + 1 if isinstance(padding, int) else tuple(extent + 1 for extent in padding)
        return fitted(call.again(options={"padding": more})[quantity], value.shape)

    return change


def all_before(quantity: str) -> Change:
    """Return the change to what padding "same" gives with the odd pixel before the image: it is one pixel off."""

    def change(value: Tensor, call: Call) -> Tensor:
        around = [
            dilation * (extent - 1)
            for extent, dilation in zip(call.parameters["weight"].shape[2:], each(call, "dilation"), strict=True)
        ]
        if call.option("padding") != "same" or not any(n % 2 for n in around):
            return value
        wide = {"padding": tuple((n + 1) // 2 for n in around)}
        return fitted(call.again(options=wide)[quantity], value.shape)

    return change


def each(call: Call, name: str) -> tuple[int, ...]:
    """Return an option of the kernel, 1 where it was left out, as a number an axis."""
    value = call.option(name) or 1
    return (value,) * axes(call) if isinstance(value, int) else tuple(value)


def with_kernel(quantity: str, changed: Callable[[Tensor], Tensor]) -> Change:
    """Return the change to what another kernel gives; the gradient of a kernel is changed itself."""
    if quantity == "dweight":
        return lambda value, _: changed(value)
    return lambda _, call: call.again(parameters={"weight": changed(call.parameters["weight"])})[quantity]


def flipped(weight: Tensor) -> Tensor:
    return weight.flip(*range(2, weight.dim()))


def turned(weight: Tensor) -> Tensor:
    """Return the kernel with its first axis for its last, where they are equal."""
    return weight.transpose(2, -1).contiguous() if weight.shape[2] == weight.shape[-1] else weight


def tap_dropped(weight: Tensor) -> Tensor:
    """Return the kernel without the last tap of its last filter."""
    return c.with_part(weight, (-1,) * weight.dim(), 0.0)


def in_channels_swapped(weight: Tensor) -> Tensor:
    return weight.roll(1, 1)


def groups_rolled(value: Tensor, call: Call) -> Tensor:
    """Return the channels of every group in the place of the next group's."""
    groups, axis = call.option("groups") or 1, -axes(call) - 1
    return value.roll(value.shape[axis] // groups, axis) if groups > 1 else value


def groups_interleaved(quantity: str) -> Change:
    """Return the change to what is given when channels are dealt out to the groups like cards: of dy, as dx needs no x,
    of x otherwise."""

    def change(value: Tensor, call: Call) -> Tensor:
        groups, given = call.option("groups") or 1, call.cotangent if quantity == "dx" else call.x
        if groups == 1:
            return value
        shape, axis = given.shape, given.dim() - axes(call) - 1
        of_groups = given.reshape(*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])
        dealt = of_groups.transpose(axis, axis + 1).reshape(shape)
        return (call.again(dy=dealt) if quantity == "dx" else call.again(x=dealt))[quantity]

    return change


def last_channel_ignored(_: Tensor, call: Call) -> Tensor:
    return call.again(x=c.with_part(call.x, at(call, -1), 0.0))["output"]


def bias_image(value: Tensor, call: Call) -> Tensor:
    bias = call.parameters.get("bias", value.new_zeros(value.shape[-axes(call) - 1]))
    return bias.view(-1, *[1] * axes(call))


def last_bias_missing(value: Tensor, call: Call) -> Tensor:
    return value - c.with_part(bias_image(value, call), slice(-1), 0.0)


def border_zero(value: Tensor, call: Call) -> Tensor:
    """Return the value without its outermost pixels."""
    within: Any = (..., *[slice(1, -1)] * axes(call))
    return c.with_part(torch.zeros_like(value), within, value[within])


def last_row_dropped(quantity: str) -> Change:
    """Return the change to what is left without the last row of the cotangent."""
    return lambda _, call: call.again(dy=c.with_part(call.cotangent, last_row(call), 0.0))[quantity]


def over_pixels(value: Tensor, call: Call) -> Tensor:
    return value / math.prod(call.y.shape[-axes(call) :])


def of_the_first_sample(value: Tensor, call: Call) -> Tensor:
    """Return dbias of the first sample; of an image alone there is no other."""
    dy = call.cotangent
    return dy[:1].sum((0, *range(2, dy.dim()))) if dy.dim() == axes(call) + 2 else value


def linear(quantity: str) -> Faults:
    """Return what can go wrong in any of the three maps: x to output, dy to dx, (x, dy) to dweight."""
    return {
        "stride ignored": ("option ignored", ignoring(quantity, stride=1)),
        "padding ignored": ("option ignored", ignoring(quantity, padding=0)),
        "dilation ignored": ("option ignored", ignoring(quantity, dilation=1)),
        "padding one more": ("shifted by one", padded_more(quantity)),
        "kernel flipped": ("kernel flipped", with_kernel(quantity, flipped)),
        "last tap dropped": ("zero element", with_kernel(quantity, tap_dropped)),
        "channels of the kernel swapped": ("channels swapped", with_kernel(quantity, in_channels_swapped)),
        "groups interleaved": ("groups mixed", groups_interleaved(quantity)),
        "factors rounded to TF32": ("downcast tf32", c.of_factors(quantity, "tf32")),
        "factors rounded to bfloat16": ("downcast bfloat16", c.of_factors(quantity, "bfloat16")),
    }


def of_axes(quantity: str) -> Table:
    """Return what can go wrong only where a kernel has more axes than one."""
    return {"kernel transposed": ("transposed", with_kernel(quantity, turned))}


def of_border(quantity: str) -> Table:
    """Return what can go wrong where padding may be words, and may show pixels."""
    return {
        "padding of zeros": ("option ignored", ignoring(quantity, padding_mode="zeros")),
        "padding reflects": ("option ignored", reflecting(quantity)),
        "odd padding before": ("option ignored", all_before(quantity)),
    }


def reflecting(quantity: str) -> Change:
    """Return the change to what padding gives that reflects where it should replicate or go round."""

    def change(value: Tensor, call: Call) -> Tensor:
        replicates = call.option("padding_mode") in ("replicate", "circular")
        return call.again(options={"padding_mode": "reflect"})[quantity] if replicates else value

    return change


def of_output_padding(quantity: str) -> Table:
    """Return what can go wrong with the rows and columns that an output is longer by."""
    cause = "zero border" if quantity == "output" else "option ignored"
    name = "output padding left empty" if quantity == "output" else "output padding ignored"
    return {
        "stride ignored": ("option ignored", ignoring(quantity, stride=1, output_padding=0)),
        name: (cause, ignoring(quantity, output_padding=0)),
    }


OUTPUT: Table = {
    "groups rolled": ("groups mixed", groups_rolled),
    "last channel of x ignored": ("missing term", last_channel_ignored),
    "bias missing": ("missing term", lambda v, call: v - bias_image(v, call)),
    "bias twice": ("doubled", lambda v, call: v + bias_image(v, call)),
    "bias of the last channel missing": ("zero channel", last_bias_missing),
    "border zero": ("zero border", border_zero),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
DX: Table = {
    "border zero": ("zero border", border_zero),
    "groups rolled": ("groups mixed", groups_rolled),
    "last channel zero": ("zero channel", lambda v, call: c.with_part(v, at(call, -1), 0.0)),
    "last row of dy dropped": ("missing term", last_row_dropped("dx")),
}
DWEIGHT: Table = {
    "last row of dy dropped": ("missing term", last_row_dropped("dweight")),
    "last filter negative": ("sign", c.last_row_negative),
    "averaged over pixels": ("mean for sum", over_pixels),
}
DBIAS: Table = {
    "averaged over pixels": ("mean for sum", over_pixels),
    "of the first sample alone": ("missing term", of_the_first_sample),
    "last row of dy dropped": ("missing term", last_row_dropped("dbias")),
    "cumulative": ("extra term", lambda v, _: v.cumsum(0)),
}


def of_map(page: Page, quantity: str) -> Table:
    """Return what can go wrong in one of the three maps of a page, with the options and axes that it has."""
    table, taken = linear(quantity), {name for case in page.cases for name in case.options}
    if len(page.cases[0].x) > 3:
        table |= of_axes(quantity)
    if "padding_mode" in taken:
        table |= of_border(quantity)
    if "output_padding" in taken:
        table |= of_output_padding(quantity)
    return table


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the layers with a kernel."""
    for page in with_kernels():
        for quantity in LINEAR:
            yield from planted(page.module, quantity, of_map(page, quantity))
        for quantity, table in {"output": OUTPUT, "dx": DX, "dweight": DWEIGHT, "dbias": DBIAS}.items():
            yield from planted(page.module, quantity, table)
