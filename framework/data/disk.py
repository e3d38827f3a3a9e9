"""The disk in the unit square: the classification of papers 000 to 003."""

from math import pi

import torch
from torch import Tensor

from framework import arguments
from framework.data.dataset import Dataset

CENTRE = 0.5
RADIUS = (2 * pi) ** -0.5  # the disk covers half of the square, and lies inside it


def inside(x: Tensor) -> Tensor:
    """Return 1 for every row of x (N, 2) inside the disk or on its edge, and 0 for the others: int64, (N,)."""
    distances = (x - CENTRE).square().sum(1)  # (N,), squared
    return torch.le(distances, RADIUS**2).long()


def one_hot(labels: Tensor, classes: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return (N, classes) with a 1 in the column that each label names, and 0 elsewhere."""
    arguments.within("one_hot", "labels", labels, 0, classes - 1)
    return torch.zeros(len(labels), classes, dtype=dtype, device=labels.device).scatter_(1, labels.unsqueeze(1), 1.0)


def disk(n: int, generator: torch.Generator) -> Dataset:
    """Draw n points uniformly from the unit square.

    Returns   x (n, 2) float32, and t (n,) int64: 1 inside the disk of radius 1/√(2π) about (½, ½), 0 outside.
    Source    Paper 000, section III.
    """
    x = torch.rand(arguments.whole("disk", "n", n, 1), 2, generator=generator)
    return Dataset(x, inside(x))
