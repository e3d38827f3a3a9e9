"""Bags of numbers: the rows of a matrix, or what lies between two offsets of a vector."""

from typing import NamedTuple

import torch
from torch import Tensor

from framework import arguments
from framework.layers.table import Table


class Into(NamedTuple):
    """How bags are added up: how many there are, whether to their mean, the number that is in none, and how many
    numbers each has where these are the rows of a matrix."""

    bags: int
    mean: bool
    padding: int | None
    length: int | None = None


def of(numbers: Tensor, offsets: Tensor | None, last: bool) -> tuple[Tensor, int]:
    """Return the bag of each number, and how many bags there are; with `last`, the last offset is the end."""
    if offsets is None:
        count, length = numbers.shape
        return torch.arange(count, device=numbers.device).repeat_interleave(length), count
    ends = offsets[1:] if last else torch.cat([offsets[1:], offsets.new_tensor([len(numbers)])])
    starts = offsets[: len(ends)]
    return torch.arange(len(ends), device=numbers.device).repeat_interleave(ends - starts), len(ends)


def sizes(numbers: Tensor, bag: Tensor, into: Into) -> Tensor:
    """Return how many numbers are in each bag, without those that are in none; 1 for an empty bag."""
    if into.length is not None and into.padding is None:
        return bag.new_full((into.bags,), max(1, into.length))
    inside = bag if into.padding is None else bag[numbers != into.padding]
    return torch.bincount(inside, minlength=into.bags).clamp_min_(1)


def check(table: Table, numbers: Tensor, offsets: object, last: bool) -> None:
    """Raise TypeError or ValueError unless these make bags."""
    layer, axes = table.label(), 2 if offsets is None else 1
    if numbers.dim() != axes:
        wanted = "2 axes (B, L) without offsets" if axes == 2 else "1 axis with offsets"
        raise ValueError(f"{layer}: input must have {wanted}, had shape {tuple(numbers.shape)}")
    if offsets is None:
        if last:
            raise ValueError(f"{layer}: offsets must be given with include_last_offset, was None")
        return
    places = table.numbers("offsets", offsets, 0, len(numbers))
    if places.dim() != 1 or not len(places):
        raise ValueError(f"{layer}: offsets must have 1 axis, and one at least, had shape {tuple(places.shape)}")
    if places[0] != 0 or (last and places[-1] != len(numbers)) or (places.diff() < 0).any():
        end = f" and end at {len(numbers)}" if last else ""
        raise ValueError(f"{layer}: offsets must begin at 0, not decrease{end}, was {places.tolist()}")


def check_weights(layer: str, c: object, numbers: Tensor, weight: Tensor, mode: str) -> None:
    """Raise TypeError or ValueError unless there is a weight for each number, in a sum."""
    weights = arguments.floating(layer, "per_sample_weights", c)
    if mode != "sum":
        raise ValueError(f"{layer}: per_sample_weights must be None where mode is {mode}, was a tensor")
    arguments.alike(layer, "per_sample_weights", weights, weight, "weight")
    arguments.shaped(layer, "per_sample_weights", weights, numbers.shape)
