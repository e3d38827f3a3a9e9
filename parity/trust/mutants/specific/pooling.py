"""Faults of the layers that pool: windows in the wrong place, a gradient for the wrong pixel, another divisor."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from parity.diagnosis.symptom import fitted
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, planted
from parity.trust.planted import Call, Change, Mutant

MAXIMA, MEANS, ADAPTIVE = (
    ("MaxPool1d", "MaxPool2d"),
    ("AvgPool1d", "AvgPool2d"),
    ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d"),
)

Windows = list[list[int]]  # the pixels that each window sees along an axis
Choice = Callable[[Tensor, Tensor], Tensor]  # of the pixels of a window (planes, all) and its maximum: which


def axes(call: Call) -> int:
    return 1 if call.site.module.endswith("1d") else 2


def option(call: Call, name: str, plain: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return an option as a number an axis; plain where it was left out."""
    value = call.option(name)
    value = plain if value is None else value
    return (value,) * axes(call) if isinstance(value, int) else tuple(value)


def windows(call: Call) -> list[Windows]:
    """Return the windows along every axis."""
    sizes, outputs = call.x.shape[-axes(call) :], call.y.shape[-axes(call) :]
    if call.site.module in ADAPTIVE:
        return [
            [list(range(o * size // count, -(-(o + 1) * size // count))) for o in range(count)]
            for size, count in zip(sizes, outputs, strict=True)
        ]
    kernel = option(call, "kernel_size", 1)
    given = zip(
        sizes,
        outputs,
        kernel,
        option(call, "stride", kernel),
        option(call, "padding", 0),
        option(call, "dilation", 1),
        strict=True,
    )
    return [
        [[at for at in range(o * s - p, o * s - p + d * k, d) if 0 <= at < size] for o in range(count)]
        for size, count, k, s, p, d in given
    ]


def images(value: Tensor, call: Call) -> Tensor:
    """Return a value as images, (planes, H, W); a sequence is one of one row."""
    rows = value.unsqueeze(-2) if axes(call) == 1 else value
    return rows.reshape(-1, *rows.shape[-2:])


def handed(choose: Choice, overwrite: bool = False, mean: bool = False) -> Change:
    """Return the change to a dx that hands dy, or each pixel's part of it, to the chosen pixels of each window.

    With `overwrite` what the last window hands to a pixel replaces what the others did.
    """

    def change(value: Tensor, call: Call) -> Tensor:
        if not value.numel():
            return value
        *upper, across = windows(call)
        given = call.cotangent / seen(call) if mean else call.cotangent
        x, y, dy, dx = (images(of, call) for of in (call.x, call.y, given, torch.zeros_like(value)))
        for p, rows in enumerate(upper[0] if upper else [[0]]):
            for q, columns in enumerate(across):
                place = slice(None), torch.tensor(rows)[:, None], torch.tensor(columns)
                pixels = x[place]
                chosen = choose(pixels.flatten(1), y[:, p, q, None]).view(pixels.shape)
                before = dx[place]
                dx[place] = torch.where(chosen, dy[:, p, q, None, None] + (0 if overwrite else before), before)
        return dx.reshape(value.shape)

    return change


def ties(pixels: Tensor, most: Tensor) -> Tensor:
    return (pixels == most) | (pixels.isnan() & most.isnan())


def first(pixels: Tensor, most: Tensor) -> Tensor:
    at = ties(pixels, most)
    return at & (at.cumsum(1) == 1)


def last(pixels: Tensor, most: Tensor) -> Tensor:
    return first(pixels.flip(1), most).flip(1)


def foremost(pixels: Tensor, _: Tensor) -> Tensor:
    return (torch.arange(pixels.shape[1]) == 0).expand(pixels.shape)


def every(pixels: Tensor, _: Tensor) -> Tensor:
    return torch.ones_like(pixels, dtype=torch.bool)


def seen(call: Call) -> Tensor:
    """Return how many pixels each window sees, in a shape that broadcasts with the output."""
    counts = [torch.tensor([len(one) for one in along]) for along in windows(call)]
    return counts[0] if len(counts) == 1 else counts[0][:, None] * counts[1]


def taps(call: Call) -> int:
    count = 1
    for extent in option(call, "kernel_size", 1):
        count *= extent
    return count


def ignoring(quantity: str, **options: object) -> Change:
    """Return the change to what the module gives with these options instead, cut or padded, where an image has room."""

    def change(value: Tensor, call: Call) -> Tensor:
        try:
            return fitted(call.again(options=options)[quantity], value.shape)
        except ValueError:
            return value

    return change


def zero_padded(quantity: str) -> Change:
    """Return the change to what a frame of zeros gives, which are larger than negative numbers."""

    def change(value: Tensor, call: Call) -> Tensor:
        sizes, padding = call.x.shape[-axes(call) :], option(call, "padding", 0)
        framed = call.x.new_zeros(
            *call.x.shape[: -axes(call)], *(n + 2 * p for n, p in zip(sizes, padding, strict=True))
        )
        inside = [slice(None)] * (call.x.dim() - axes(call))
        inside += [slice(p, p + n) for n, p in zip(sizes, padding, strict=True)]
        framed[tuple(inside)] = call.x
        got = call.again(x=framed, options={"padding": 0})[quantity]
        return fitted(got if quantity == "output" else got[tuple(inside)], value.shape)

    return change


def of_windows(quantity: str) -> Faults:
    """Return what may go wrong with windows that slide."""
    return {
        "stride taken for the kernel": ("option ignored", ignoring(quantity, stride=None)),
        "stride ignored": ("option ignored", ignoring(quantity, stride=1)),
        "floor for ceil": ("option ignored", ignoring(quantity, ceil_mode=False)),
    }


def of_maxima(quantity: str) -> Faults:
    return of_windows(quantity) | {
        "dilation ignored": ("option ignored", ignoring(quantity, dilation=1)),
        "padding ignored": ("option ignored", ignoring(quantity, padding=0)),
        "padded by zeros": ("wrong formula", zero_padded(quantity)),
    }


def of_divisors(quantity: str) -> Faults:
    return {"divisor ignored": ("option ignored", ignoring(quantity, divisor_override=None))}


def of_means(quantity: str) -> Faults:
    return of_windows(quantity) | {
        "padding ignored": ("option ignored", ignoring(quantity, padding=0)),
        "padding counted": ("option ignored", ignoring(quantity, count_include_pad=True)),
        "padding not counted": ("option ignored", ignoring(quantity, count_include_pad=False)),
    }


def disjoint(reduce: Callable[[Tensor, tuple[int, int]], Tensor]) -> Change:
    """Return the change to shares that end where the next begins, of an output."""

    def change(value: Tensor, call: Call) -> Tensor:
        out = value.clone()
        cuts = [
            [[o * size // count, max(o * size // count + 1, (o + 1) * size // count)] for o in range(count)]
            for size, count in zip(call.x.shape[-2:], value.shape[-2:], strict=True)
        ]
        for p, (top, bottom) in enumerate(cuts[0]):
            for q, (left, right) in enumerate(cuts[1]):
                out[..., p, q] = reduce(call.x[..., top:bottom, left:right], (-2, -1))
        return out

    return change


def exchanged(quantity: str) -> Change:
    """Return the change to what the module gives with rows and columns of the output exchanged."""

    def change(value: Tensor, call: Call) -> Tensor:
        sizes = option(call, "output_size", 1)
        return fitted(call.again(options={"output_size": (sizes[1], sizes[0])})[quantity], value.shape)

    return change


def slope_missing(_: Tensor, call: Call) -> Tensor:
    """Return the dx of a power mean without the slope of the root."""
    p = call.option("norm_type")
    return call.again(dy=call.cotangent * call.y ** (p - 1))["dx"]


OUTPUT: Faults = {
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "channels swapped": ("channels swapped", c.channels_swapped),
}
HIGHEST: Faults = OUTPUT | {
    "minimum": ("wrong formula", lambda _, call: -call.again(x=-call.x)["output"]),
    "of absolute values": ("absolute value", lambda _, call: call.again(x=call.x.abs())["output"]),
    "at least zero": ("wrong formula", lambda v, _: v.clamp_min(0)),
}
HIGHEST_DX: Faults = {
    "to every tie": ("wrong at a tie", handed(ties)),
    "to the last of the ties": ("wrong at a tie", handed(last)),
    "to the first position": ("wrong formula", handed(foremost)),
    "to the whole window": ("wrong formula", handed(every)),
    "overwritten where windows overlap": ("missing term", handed(first, overwrite=True)),
}
MEAN: Faults = OUTPUT | {"sum": ("sum for mean", lambda v, call: v * seen(call))}
MEAN_DX: Faults = {
    "sum": ("sum for mean", handed(every)),
    "to the first position": ("missing term", handed(foremost)),
    "overwritten where windows overlap": ("missing term", handed(every, overwrite=True, mean=True)),
}
OF_KERNEL: Faults = {"by the whole kernel": ("wrong formula", lambda v, call: v * seen(call) / taps(call))}
POWERS: Faults = OUTPUT | {
    "norm of two": ("option ignored", ignoring("output", norm_type=2.0)),
    "norm of one": ("option ignored", ignoring("output", norm_type=1.0)),
    "mean for sum": ("mean for sum", lambda v, call: v / taps(call) ** (1 / call.option("norm_type"))),
    "root missing": ("missing factor", lambda v, call: v ** call.option("norm_type")),
    "not weighed beyond the image": (
        "missing factor",
        lambda v, call: v * (seen(call) / taps(call)) ** (1 / call.option("norm_type")),
    ),
}
POWERS_DX: Faults = {
    "norm of two": ("option ignored", ignoring("dx", norm_type=2.0)),
    "norm of one": ("option ignored", ignoring("dx", norm_type=1.0)),
    "slope of the root missing": ("missing factor", slope_missing),
    "slope of the power missing": ("missing factor", lambda v, call: v / call.x ** (call.option("norm_type") - 1)),
    "times the norm": ("extra term", lambda v, call: v * call.option("norm_type")),
    "sign of x missing": ("absolute value", lambda v, call: v * call.x.sign()),
}


def of_shares(quantity: str) -> Faults:
    return {"rows and columns exchanged": ("transposed", exchanged(quantity))}


def tables(module: str) -> tuple[Faults, Faults]:
    """Return the faults of the output and of dx of a module."""
    if module in MAXIMA:
        return of_maxima("output") | HIGHEST, of_maxima("dx") | HIGHEST_DX
    if module in MEANS:
        divisor = module == "AvgPool2d"
        return (
            of_means("output") | (of_divisors("output") if divisor else {}) | MEAN | OF_KERNEL,
            of_means("dx") | (of_divisors("dx") if divisor else {}) | MEAN_DX,
        )
    if module == "LPPool2d":
        return of_windows("output") | POWERS, of_windows("dx") | POWERS_DX
    highest = module == "AdaptiveMaxPool2d"
    apart: Faults = {"shares apart": ("missing term", disjoint(torch.amax if highest else torch.mean))}
    return (
        of_shares("output") | apart | (HIGHEST if highest else MEAN),
        of_shares("dx") | (HIGHEST_DX if highest else MEAN_DX),
    )


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the layers that pool."""
    for module in (*MAXIMA, *MEANS, "LPPool2d", *ADAPTIVE):
        output, dx = tables(module)
        yield from planted(module, "output", output)
        yield from planted(module, "dx", dx)
