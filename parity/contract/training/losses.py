"""The losses of a training: how a target is drawn, and the cotangent that an output has from it.

The suite computes the cotangent from the output that the subject gave; both sides are then given the same bits of it.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from parity.verdict.draw import normal


class TrainingLoss(NamedTuple):
    """target: of the output's shape; gradient: dL/dy of the output and the target, both in float64."""

    target: Callable[[torch.Size, torch.Generator], Tensor]
    gradient: Callable[[Tensor, Tensor], Tensor]


def classes(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Return a class for every row of scores, as rows with a one."""
    drawn = torch.randint(shape[-1], shape[:-1], generator=generator)
    return torch.nn.functional.one_hot(drawn, shape[-1]).double()


LOSSES: Mapping[str, TrainingLoss] = {
    "squares": TrainingLoss(normal, lambda y, t: 2 * (y - t) / y.numel()),
    "cross-entropy": TrainingLoss(classes, lambda y, t: (torch.softmax(y, -1) - t) / y[..., 0].numel()),
}
