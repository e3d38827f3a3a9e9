"""Validation of arguments: one sentence that says what, what it must be, and what it was."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite
from numbers import Real
from operator import index
from typing import Any

import torch
from torch import Tensor

Pair = tuple[int, int]


class Labelled:
    """What refuses bad arguments, in the name of its class."""

    def label(self) -> str:
        """Return the name that messages and drawings give to this."""
        return type(self).__name__


def integer(layer: str, argument: str, value: object) -> int:
    """Return `value` as an int if it counts as one to Python, as numpy's do, and is no bool; raise TypeError else."""
    countable: Any = None if isinstance(value, bool) else value
    try:
        return index(countable)
    except TypeError:
        raise TypeError(f"{layer}: {argument} must be an int, was {value!r}") from None


def boolean(layer: str, argument: str, value: object) -> bool:
    """Return `value` if it is a bool; raise TypeError otherwise."""
    if not isinstance(value, bool):
        raise TypeError(f"{layer}: {argument} must be a bool, was {value!r}")
    return value


def named(layer: str, argument: str, value: object, names: Iterable[str]) -> Mapping[str, Any]:
    """Return `value` if it is a mapping with exactly the keys `names`; raise TypeError or KeyError otherwise."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{layer}: {argument} must map names to tensors, was {type(value).__name__}")
    if value.keys() != set(names):
        raise KeyError(f"{layer}: {argument} must hold exactly {sorted(names)}, held {sorted(map(str, value))}")
    return value


def whole(layer: str, argument: str, value: object, least: int) -> int:
    """Return `value` if it is an int of at least `least`; raise TypeError or ValueError otherwise."""
    checked = integer(layer, argument, value)
    if checked < least:
        raise ValueError(f"{layer}: {argument} must be at least {least}, was {checked}")
    return checked


def axis(layer: str, argument: str, dim: int, x: Tensor) -> int:
    """Return `dim` counted from the front if `x` has that axis; raise ValueError otherwise."""
    axes = max(1, x.dim())  # torch counts one axis in a scalar
    if not -axes <= dim < axes:
        raise ValueError(f"{layer}: {argument} must be in {-axes} ... {axes - 1} for x of {x.dim()} axes, was {dim}")
    return dim % axes


def pair(layer: str, argument: str, value: object, least: int) -> Pair:
    """Return `value` as (rows, columns), each at least `least`; an int counts for both."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise ValueError(f"{layer}: {argument} must be an int or a pair of ints, was {value!r}")
        return whole(layer, argument, value[0], least), whole(layer, argument, value[1], least)
    number = whole(layer, argument, value, least)
    return number, number


def number(layer: str, argument: str, value: object, least: float = -inf) -> float:
    """Return `value` as a finite float of at least `least`; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{layer}: {argument} must be a number, was {value!r}")
    if not isfinite(value):
        raise ValueError(f"{layer}: {argument} must be finite, was {value}")
    if float(value) < least:
        raise ValueError(f"{layer}: {argument} must be at least {least}, was {value}")
    return float(value)


def counted(layer: str, names: Sequence[str], inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return `inputs` if there is one for each of `names`; raise TypeError otherwise."""
    if len(inputs) != len(names):
        raise TypeError(f"{layer}: forward must be given {' and '.join(names)}, was given {len(inputs)} inputs")
    return inputs


def choice(layer: str, argument: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of `allowed`; raise ValueError otherwise."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{layer}: {argument} must be one of {', '.join(names)}, was {value!r}")
    return value


def floating(layer: str, argument: str, value: object) -> Tensor:
    """Return `value` if it is a real floating-point tensor; raise TypeError otherwise."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{layer}: {argument} must be a tensor, was {type(value).__name__}")
    if not value.dtype.is_floating_point:
        raise TypeError(f"{layer}: {argument} must be of a floating-point dtype, was {value.dtype}")
    if value.requires_grad:
        raise ValueError(f"{layer}: {argument} must be detached (no graph is kept here), but it requires a gradient")
    return value


def placed(layer: str, argument: str, value: Tensor, model: Tensor, model_name: str) -> Tensor:
    """Return `value` if it is on the device of `model`; raise ValueError otherwise."""
    if value.device != model.device:
        raise ValueError(f"{layer}: {argument} must be on {model.device} as {model_name} is, was on {value.device}")
    return value


def alike(layer: str, argument: str, value: Tensor, model: Tensor, model_name: str) -> Tensor:
    """Return `value` if its dtype and device are those of `model`; raise TypeError or ValueError otherwise."""
    if value.dtype != model.dtype:
        raise TypeError(f"{layer}: {argument} must be {model.dtype} as {model_name} is, was {value.dtype}")
    return placed(layer, argument, value, model, model_name)


def within(layer: str, argument: str, value: Tensor, low: int, high: int) -> Tensor:
    """Return `value` if all its elements are in [low, high]; raise ValueError otherwise, as for nan."""
    for extreme in map(Tensor.item, value.aminmax()) if value.numel() else ():
        if not low <= extreme <= high:
            raise ValueError(f"{layer}: {argument} must be in {low} ... {high}, was {extreme}")
    return value


def shaped(layer: str, argument: str, value: Tensor, shape: Sequence[int]) -> Tensor:
    """Return `value` if its shape is `shape`; raise ValueError otherwise."""
    if value.shape != torch.Size(shape):
        raise ValueError(f"{layer}: {argument} must have shape {tuple(shape)}, had {tuple(value.shape)}")
    return value


def image(layer: str, value: object, channels: int | None) -> Tensor:
    """Return `value` if it is a floating (N, C, H, W) tensor with `channels` channels (None: any number)."""
    x = floating(layer, "x", value)
    if x.dim() != 4:
        raise ValueError(f"{layer}: x must have 4 axes (N, C, H, W), had shape {tuple(x.shape)}")
    if channels is not None and x.shape[1] != channels:
        raise ValueError(f"{layer}: x must have {channels} channels on axis 1, had shape {tuple(x.shape)}")
    return x
