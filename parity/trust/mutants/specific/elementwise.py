"""Faults of the layers without parameters: activations, softmax, flatten, nearest upsampling."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Mutant

RELU_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "leaks a thousandth": (
        "wrong formula",
        lambda v, call: v + 1e-3 * call.x.clamp_max(0),
    ),
    "absolute value": ("absolute value", lambda _, call: call.x.abs()),
    "clipped at six": ("wrong formula", lambda v, _: v.clamp_max(6)),
    "threshold a thousandth": ("offset", lambda v, call: torch.where(call.x > 1e-3, v, torch.zeros_like(v))),
    "identity": ("wrong formula", lambda _, call: call.x.clone()),
    "softplus": ("wrong formula", lambda _, call: call.x.clamp_min(0) + call.x.abs().neg().exp().log1p()),
    "zeros come out as -0": ("sign", lambda v, _: torch.where(v == 0, -torch.zeros_like(v), v)),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
RELU_DX: Table = {
    "mask by dy": ("derivative at the wrong tensor", lambda _, call: call.cotangent * (call.cotangent > 0)),
    "mask missing": ("missing factor", lambda _, call: call.cotangent.clone()),
    "mask inverted": ("wrong formula", lambda v, call: call.cotangent - v),
    "times y": ("extra term", lambda v, call: v * call.y),
    "two at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, 2 * call.cotangent, v)),
    "minus one at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, -call.cotangent, v)),
}
LEAKY_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "default slope": ("option ignored", lambda _, call: call.again(options={"negative_slope": 0.01})["output"]),
    "slope twice": ("wrong formula", lambda v, call: torch.where(call.x < 0, 0.2 * v, v)),
    "slope missing": ("option ignored", lambda v, _: v.clamp_min(0)),
    "slope on both sides": ("wrong formula", lambda _, call: 0.2 * call.x),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
LEAKY_DX: Table = {
    "default slope": ("option ignored", lambda _, call: call.again(options={"negative_slope": 0.01})["dx"]),
    "mask by dy": (
        "derivative at the wrong tensor",
        lambda _, call: call.cotangent.where(call.cotangent > 0, 0.2 * call.cotangent),
    ),
    "slope missing": ("missing term", lambda v, call: v.where(call.x > 0, torch.zeros_like(v))),
    "slope negative": ("sign", lambda v, call: v.where(call.x > 0, -v)),
    "two at zero": ("wrong at a tie", lambda v, call: torch.where(call.x == 0, 2 * call.cotangent, v)),
}


def s(x: Tensor) -> Tensor:
    return x.sigmoid()


SIGMOID_OUTPUT: Table = {
    "overflows": ("overflow", lambda _, call: call.x.exp() / (1 + call.x.exp())),
    "kept off zero and one": ("wrong formula", lambda v, _: v.clamp(1e-7, 1 - 1e-7)),
    "hard": ("wrong formula", lambda _, call: (call.x / 6 + 0.5).clamp(0, 1)),
    "of 1.702 x": ("wrong formula", lambda _, call: s(1.702 * call.x)),
    "by a rational of tanh": ("missing factor", lambda _, call: (1 + call.x.tanh()) / 2),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
SIGMOID_DX: Table = {
    "at the cotangent": (
        "derivative at the wrong tensor",
        lambda _, call: s(call.cotangent) * (1 - s(call.cotangent)) * call.cotangent,
    ),
    "at the cotangent alone": (
        "derivative at the wrong tensor",
        lambda _, call: s(call.cotangent) * (1 - s(call.cotangent)),
    ),
    "at y": ("derivative at the wrong tensor", lambda _, call: s(call.y) * (1 - s(call.y)) * call.cotangent),
    "y (1 + y)": ("sign", lambda _, call: call.y * (1 + call.y) * call.cotangent),
    "y missing": ("missing factor", lambda _, call: (1 - call.y) * call.cotangent),
    "1 - y missing": ("missing factor", lambda _, call: call.y * call.cotangent),
    "x (1 - x)": ("derivative at the wrong tensor", lambda _, call: call.x * (1 - call.x) * call.cotangent),
    "of tanh": ("wrong formula", lambda _, call: (1 - call.y**2) * call.cotangent),
}
TANH_OUTPUT: Table = {
    "overflows": ("overflow", lambda _, call: (call.x.exp() - (-call.x).exp()) / (call.x.exp() + (-call.x).exp())),
    "one missing": ("missing term", lambda _, call: 2 * s(2 * call.x)),
    "of half x": ("missing factor", lambda _, call: 2 * s(call.x) - 1),
    "hard": ("wrong formula", lambda _, call: call.x.clamp(-1, 1)),
    "identity near zero": ("wrong formula", lambda v, call: call.x.where(call.x.abs() < 1e-2, v)),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
TANH_DX: Table = {
    "at the cotangent": (
        "derivative at the wrong tensor",
        lambda _, call: (1 - call.cotangent.tanh() ** 2) * call.cotangent,
    ),
    "at x": ("derivative at the wrong tensor", lambda _, call: (1 - call.x**2) * call.cotangent),
    "at tanh of y": ("derivative at the wrong tensor", lambda _, call: (1 - call.y.tanh() ** 2) * call.cotangent),
    "1 - y": ("wrong formula", lambda _, call: (1 - call.y) * call.cotangent),
    "1 + y squared": ("sign", lambda _, call: (1 + call.y**2) * call.cotangent),
    "of the sigmoid": ("wrong formula", lambda _, call: call.y * (1 - call.y) * call.cotangent),
    "cotangent missing": ("cotangent ignored", lambda _, call: 1 - call.y**2),
}


def without_last_class(v: Tensor, call: Call) -> Tensor:
    """Return the softmax whose denominator forgets the last class."""
    dim = call.option("dim")
    rest = v.narrow(dim, 0, max(1, v.shape[dim] - 1)).sum(dim, keepdim=True)
    return v / rest


def unshifted(_: Tensor, call: Call) -> Tensor:
    raised = call.x.exp()
    return raised / raised.sum(call.option("dim"), keepdim=True)


def uncorrected(_: Tensor, call: Call) -> Tensor:
    return call.y * call.cotangent


def correction(_: Tensor, call: Call, part: float) -> Tensor:
    """Return dx with `part` of the term that couples the classes."""
    weighted = (call.cotangent * call.y).sum(call.option("dim"), keepdim=True)
    return call.y * (call.cotangent - part * weighted)


SOFTMAX_OUTPUT: Table = {
    "along the first axis": (
        "wrong axis",
        lambda v, call: call.again(options={"dim": 0})["output"] if v.numel() else v,
    ),
    "last class left out of the sum": ("missing term", without_last_class),
    "overflows": ("overflow", unshifted),
    "temperature 1.001": ("scale 1.001", lambda _, call: call.again(x=call.x * 1.001)["output"]),
    "logarithm": ("wrong formula", lambda v, _: v.log()),
    "with a floor": ("offset", lambda v, _: v + 1e-6),
    "sigmoid": ("wrong formula", lambda _, call: s(call.x)),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
SOFTMAX_DX: Table = {
    "coupling term missing": ("missing term", uncorrected),
    "coupling term twice": ("doubled", lambda v, call: correction(v, call, 2)),
    "coupling term positive": ("sign", lambda v, call: correction(v, call, -1)),
    "coupling term a thousandth less": ("scale 1.001", lambda v, call: correction(v, call, 0.999)),
    "diagonal alone": ("missing term", lambda _, call: call.y * (1 - call.y) * call.cotangent),
    "along the first axis": ("wrong axis", lambda v, call: call.again(options={"dim": 0})["dx"] if v.numel() else v),
    "coupling term averaged": (
        "mean for sum",
        lambda v, call: correction(v, call, 1 / call.y.shape[call.option("dim")]),
    ),
}


def columns_first(value: Tensor, call: Call) -> Tensor:
    """Return the image flattened with its columns first."""
    return call.x.transpose(-1, -2).reshape(value.shape) if call.x.dim() > 1 else value


def channels_after(value: Tensor, call: Call) -> Tensor:
    return call.x.movedim(1, -1).reshape(value.shape) if call.x.dim() > 2 else value


FLATTEN_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "columns first": ("transposed", columns_first),
    "channels last": ("wrong order", channels_after),
    "reversed": ("wrong order", lambda v, _: v.flip(-1)),
    "samples reversed": ("wrong order", lambda v, _: v.flip(0)),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
FLATTEN_DX: Table = {
    "columns first": (
        "transposed",
        lambda v, call: call.cotangent.reshape(v.transpose(-1, -2).shape).transpose(-1, -2),
    ),
    "reversed": ("wrong order", lambda v, _: v.flip(-1)),
    "channels reversed": ("channels swapped", c.channels_swapped),
    "samples reversed": ("wrong order", lambda v, _: v.flip(0)),
}


def blocks(call: Call) -> tuple[int, int]:
    scale = call.option("scale_factor")
    return (scale, scale) if isinstance(scale, int) else (scale[0], scale[1])


def one_of_block(_: Tensor, call: Call) -> Tensor:
    rows, columns = blocks(call)
    return call.cotangent[..., ::rows, ::columns].clone()


def averaged(value: Tensor, call: Call) -> Tensor:
    rows, columns = blocks(call)
    return value / (rows * columns)


def unpooled(value: Tensor, call: Call) -> Tensor:
    """Return the enlarged image with zeros between the pixels instead of copies."""
    rows, columns = blocks(call)
    out = torch.zeros_like(value)
    out[..., ::rows, ::columns] = call.x
    return out


def tiled(_: Tensor, call: Call) -> Tensor:
    """Return the image repeated whole, instead of pixel by pixel."""
    return call.x.repeat(1, 1, *blocks(call))


def smoothed(value: Tensor, _: Tensor | Call) -> Tensor:
    return (value + value.roll(1, -1)) / 2


NEAREST_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "zeros between": ("missing term", unpooled),
    "tiled": ("wrong order", tiled),
    "rounded up": ("shifted by one", lambda v, _: v.roll(-1, 2)),
    "smoothed": ("wrong formula", smoothed),
    "channels swapped": ("channels swapped", c.channels_swapped),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
NEAREST_DX: Table = {
    "averaged over the block": ("mean for sum", averaged),
    "first of the block": ("missing term", one_of_block),
    "last of the block missing": (
        "missing term",
        lambda v, call: (
            v - call.cotangent[..., blocks(call)[0] - 1 :: blocks(call)[0], blocks(call)[1] - 1 :: blocks(call)[1]]
        ),
    ),
    "over one axis of the block": ("missing factor", lambda v, call: v / blocks(call)[0]),
    "channels swapped": ("channels swapped", c.channels_swapped),
}

TABLES: dict[str, tuple[Table, Table]] = {
    "ReLU": (RELU_OUTPUT, RELU_DX),
    "LeakyReLU": (LEAKY_OUTPUT, LEAKY_DX),
    "Sigmoid": (SIGMOID_OUTPUT, SIGMOID_DX),
    "Tanh": (TANH_OUTPUT, TANH_DX),
    "Softmax": (SOFTMAX_OUTPUT, SOFTMAX_DX),
    "Flatten": (FLATTEN_OUTPUT, FLATTEN_DX),
    "NearestUpsampling": (NEAREST_OUTPUT, NEAREST_DX),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of these layers."""
    for module, (output, dx) in TABLES.items():
        yield from planted(module, "output", output)
        yield from planted(module, "dx", dx)
