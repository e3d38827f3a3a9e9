"""Faults of the layers with a kernel: an option that one of the three results forgets, a kernel the wrong way round."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant, fitted

MODULES = ("Conv2d", "ConvTranspose2d", "Upsampling")
LINEAR = ("output", "dx", "dweight")


def ignoring(quantity: str, **options: object) -> Change:
    """Return the change to what the module gives with these options instead, cut or padded to the right shape."""
    return lambda value, call: fitted(call.again(options=options)[quantity], value)


def padded_more(quantity: str) -> Change:
    """Return the change to what one more pixel of padding gives: an image shifted by one."""

    def change(value: Tensor, call: Call) -> Tensor:
        padding = call.option("padding") or 0
        more = padding + 1 if isinstance(padding, int) else tuple(extent + 1 for extent in padding)
        return fitted(call.again(options={"padding": more})[quantity], value)

    return change


def with_kernel(quantity: str, changed: Callable[[Tensor], Tensor]) -> Change:
    """Return the change to what another kernel gives; the gradient of a kernel is changed itself."""
    if quantity == "dweight":
        return lambda value, _: changed(value)
    return lambda _, call: call.again(parameters={"weight": changed(call.parameters["weight"])})[quantity]


def flipped(weight: Tensor) -> Tensor:
    return weight.flip(2, 3)


def turned(weight: Tensor) -> Tensor:
    """Return the kernel with rows for columns, where it is square."""
    return weight.transpose(2, 3).contiguous() if weight.shape[2] == weight.shape[3] else weight


def tap_dropped(weight: Tensor) -> Tensor:
    """Return the kernel without the last tap of its last filter."""
    return c.with_part(weight, (-1, -1, -1, -1), 0.0)


def in_channels_swapped(weight: Tensor) -> Tensor:
    return weight.roll(1, 1)


def groups_rolled(value: Tensor, call: Call) -> Tensor:
    """Return the channels of every group in the place of the next group's."""
    groups = call.option("groups") or 1
    return value.roll(value.shape[1] // groups, 1) if groups > 1 else value


def groups_interleaved(quantity: str) -> Change:
    """Return the change to what x gives when its channels are dealt out to the groups like cards."""

    def change(value: Tensor, call: Call) -> Tensor:
        groups = call.option("groups") or 1
        dealt = call.x.reshape(len(call.x), groups, -1, *call.x.shape[2:]).transpose(1, 2).flatten(1, 2)
        return call.again(x=dealt)[quantity] if groups > 1 else value

    return change


def last_channel_ignored(_: Tensor, call: Call) -> Tensor:
    return call.again(x=c.with_part(call.x, (slice(None), -1), 0.0))["output"]


def bias_image(value: Tensor, call: Call) -> Tensor:
    bias = call.parameters.get("bias", value.new_zeros(value.shape[1]))
    return bias[:, None, None]


def last_bias_missing(value: Tensor, call: Call) -> Tensor:
    return value - c.with_part(bias_image(value, call), slice(-1), 0.0)


def border(value: Tensor) -> Tensor:
    """Return the value without its outermost pixels."""
    inside = torch.zeros_like(value)
    inside[..., 1:-1, 1:-1] = value[..., 1:-1, 1:-1]
    return inside


def dropped(quantity: str, part: object) -> Change:
    """Return the change to what is left without this part of the cotangent."""
    return lambda _, call: call.again(dy=c.with_part(call.cotangent, part, 0.0))[quantity]


def linear(quantity: str) -> Table:
    """Return what can go wrong in any of the three maps: x to output, dy to dx, (x, dy) to dweight."""
    return {
        "stride ignored": ("option ignored", ignoring(quantity, stride=1, output_padding=0)),
        "padding ignored": ("option ignored", ignoring(quantity, padding=0)),
        "dilation ignored": ("option ignored", ignoring(quantity, dilation=1)),
        "padding one more": ("shifted by one", padded_more(quantity)),
        "kernel flipped": ("kernel flipped", with_kernel(quantity, flipped)),
        "kernel transposed": ("transposed", with_kernel(quantity, turned)),
        "last tap dropped": ("zero element", with_kernel(quantity, tap_dropped)),
        "channels of the kernel swapped": ("channels swapped", with_kernel(quantity, in_channels_swapped)),
        "groups interleaved": ("groups mixed", groups_interleaved(quantity)),
        "factors rounded to TF32": ("downcast tf32", c.of_factors(quantity, "tf32")),
        "factors rounded to bfloat16": ("downcast bfloat16", c.of_factors(quantity, "bfloat16")),
    }


OUTPUT: Table = {
    "groups rolled": ("groups mixed", groups_rolled),
    "last channel of x ignored": ("missing term", last_channel_ignored),
    "bias missing": ("missing term", lambda v, call: v - bias_image(v, call)),
    "bias twice": ("doubled", lambda v, call: v + bias_image(v, call)),
    "bias of the last channel missing": ("zero channel", last_bias_missing),
    "border zero": ("zero border", lambda v, _: border(v)),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
DX: Table = {
    "border zero": ("zero border", lambda v, _: border(v)),
    "groups rolled": ("groups mixed", groups_rolled),
    "last channel zero": ("zero channel", lambda v, _: c.with_part(v, (slice(None), -1), 0.0)),
    "last row of dy dropped": ("missing term", dropped("dx", (..., -1, slice(None)))),
}
DWEIGHT: Table = {
    "last row of dy dropped": ("missing term", dropped("dweight", (..., -1, slice(None)))),
    "last filter negative": ("sign", c.last_row_negative),
    "averaged over pixels": ("mean for sum", lambda v, call: v / call.y[0, 0].numel()),
}
DBIAS: Table = {
    "averaged over pixels": ("mean for sum", lambda v, call: v / call.y[0, 0].numel()),
    "of the first sample alone": ("missing term", lambda _, call: call.cotangent[:1].sum((0, 2, 3))),
    "last row of dy dropped": ("missing term", dropped("dbias", (..., -1, slice(None)))),
    "cumulative": ("extra term", lambda v, _: v.cumsum(0)),
}


def without(table: Table, *words: str) -> Table:
    return {name: entry for name, entry in table.items() if not any(word in name for word in words)}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the layers with a kernel; the wide case of Upsampling has all its options plain."""
    for module in MODULES:
        for quantity in LINEAR:
            yield from planted(module, quantity, linear(quantity))
        for quantity, table in {"output": OUTPUT, "dx": DX, "dweight": DWEIGHT, "dbias": DBIAS}.items():
            yield from planted(module, quantity, table)
    yield Mutant(
        "ConvTranspose2d/output/output padding left empty",
        "ConvTranspose2d",
        "output",
        "zero border",
        lambda v, call: fitted(call.again(options={"output_padding": 0})["output"], v),
    )
    yield Mutant(
        "ConvTranspose2d/dx/output padding ignored",
        "ConvTranspose2d",
        "dx",
        "option ignored",
        ignoring("dx", output_padding=0),
    )
