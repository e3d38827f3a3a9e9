"""Validation of arguments: one sentence that says what, what it must be, and what it was."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite
from numbers import Real
from operator import index
from typing import Any

import torch
from torch import Tensor

Extents = tuple[int, ...]  # a number an axis of an image
Pair = tuple[int, int]
Signature = tuple[torch.Size, torch.dtype, torch.device]


class Labelled:
    """What refuses bad arguments, in the name of its class."""

    def label(self) -> str:
        """Return the name that messages and drawings give to this."""
        return type(self).__name__


def signature(value: object) -> Signature | tuple[()]:
    """Return what most checks of a tensor ask for; nothing of what is no tensor."""
    return (value.shape, value.dtype, value.device) if isinstance(value, Tensor) else ()


def like(known: tuple[Any, ...], value: object) -> bool:
    """Return whether `value` is a tensor with this signature that requires no gradient: one that needs no check where
    another such one was checked."""
    return type(value) is Tensor and (value.shape, value.dtype, value.device) == known and not value.requires_grad


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


def switch(layer: str, argument: str, value: object) -> bool:
    """Return `value` if it is a bool, False if it is None, as torch has it; raise TypeError otherwise."""
    return value is not None and boolean(layer, argument, value)


def named(layer: str, argument: str, value: object, names: Iterable[str]) -> Mapping[str, Any]:
    """Return `value` if it is a mapping with exactly the keys `names`; raise TypeError or KeyError otherwise."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{layer}: {argument} must map names to tensors, was {type(value).__name__}")
    if value.keys() != set(names):
        raise KeyError(f"{layer}: {argument} must hold exactly {sorted(names)}, held {sorted(map(str, value))}")
    return value


def whole(layer: str, argument: str, value: object, least: float) -> int:
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


TUPLES = {1: "a tuple of one int", 2: "a pair of ints", 3: "a triple of ints", 4: "a tuple of four ints"}


def extents(layer: str, argument: str, value: object, axes: int, least: float = -inf) -> Extents:
    """Return `value` as a number an axis, each at least `least`; an int counts for all."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != axes:
            raise ValueError(f"{layer}: {argument} must be an int or {TUPLES[axes]}, was {value!r}")
        return tuple(whole(layer, argument, one, least) for one in value)
    return (whole(layer, argument, value, least),) * axes


def pair(layer: str, argument: str, value: object, least: int) -> Pair:
    """Return `value` as (rows, columns), each at least `least`; an int counts for both."""
    rows, columns = extents(layer, argument, value, 2, least)
    return rows, columns


def listed(layer: str, argument: str, value: object, least: int) -> tuple[int, ...]:
    """Return `value` as a tuple of ints, each at least `least` and one or more; an int counts for one."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            raise ValueError(f"{layer}: {argument} must hold at least one int, was {value!r}")
        return tuple(whole(layer, argument, extent, least) for extent in value)
    return (whole(layer, argument, value, least),)


def number(layer: str, argument: str, value: object, least: float = -inf) -> float:
    """Return `value` as a finite float of at least `least`; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{layer}: {argument} must be a number, was {value!r}")
    if not isfinite(value):
        raise ValueError(f"{layer}: {argument} must be finite, was {value}")
    if float(value) < least:
        raise ValueError(f"{layer}: {argument} must be at least {least}, was {value}")
    return float(value)


def above(layer: str, argument: str, value: object) -> float:
    """Return `value` as a finite float above 0; raise TypeError or ValueError otherwise."""
    if not number(layer, argument, value) > 0:
        raise ValueError(f"{layer}: {argument} must be above 0, was {value}")
    return number(layer, argument, value)


def absent(layer: str, argument: str, value: object) -> None:
    """Raise ValueError unless `value` is 0, of an option that the layer has only switched off."""
    if number(layer, argument, value):
        raise ValueError(f"{layer}: {argument} must be 0 (there is none here), was {value}")


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


def ending(layer: str, argument: str, value: Tensor, shape: Sequence[int]) -> Tensor:
    """Return `value` if its last extents are `shape`; raise ValueError otherwise."""
    if value.shape[-len(shape) :] != torch.Size(shape):
        raise ValueError(f"{layer}: {argument} must end in the extents {tuple(shape)}, had shape {tuple(value.shape)}")
    return value


def channelled(layer: str, value: object, channels: int | None, least: int) -> Tensor:
    """Return `value` if it is a floating (N, C, *) tensor of `least` axes or more and `channels` channels, if any."""
    x = floating(layer, "x", value)
    if x.dim() < least:
        raise ValueError(f"{layer}: x must have at least {least} axes (N, C, *), had shape {tuple(x.shape)}")
    if channels is not None and x.shape[1] != channels:
        raise ValueError(f"{layer}: x must have {channels} channels on axis 1, had shape {tuple(x.shape)}")
    return x


LETTERS = {1: "L", 2: "H, W", 3: "D, H, W"}  # of the axes of an image


def image(layer: str, value: object, channels: int | None, axes: int = 2, alone: bool = False) -> Tensor:
    """Return `value` if it is a floating (N, C, H, W) tensor with `channels` channels (None: any number).

    An image has as many axes as told instead of two; `alone`, it may come without the axis of samples.
    """
    x = floating(layer, "x", value)
    if x.dim() != axes + 2 and not (alone and x.dim() == axes + 1):
        ranks, shapes = f"{axes + 2} axes", f"(N, C, {LETTERS[axes]})"
        if alone:
            ranks, shapes = f"{axes + 1} or {ranks}", f"(C, {LETTERS[axes]}) or {shapes}"
        raise ValueError(f"{layer}: x must have {ranks} {shapes}, had shape {tuple(x.shape)}")
    at = x.dim() - axes - 1
    if channels is not None and x.shape[at] != channels:
        raise ValueError(f"{layer}: x must have {channels} channels on axis {at}, had shape {tuple(x.shape)}")
    return x
