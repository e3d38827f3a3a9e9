"""Dropout by other roads: draws of other generators, what is dropped chosen rather than multiplied."""

import numpy
import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors


def shape_of(x: Tensor, by_channel: bool) -> tuple[int, ...]:
    return (*x.shape[:2], 1, 1) if by_channel else tuple(x.shape)


def multiplied(by_channel: bool) -> Rule:
    """x times what torch draws in float64, then over 1 - p: what is dropped of an infinity is nan."""

    def rule(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        p = options.get("p", 0.5)
        drawn = torch.empty(shape_of(x, by_channel), dtype=torch.float64).bernoulli_(1 - p).to(x)
        return x * drawn / (1 - p or 1), lambda dy: (dy * drawn / (1 - p or 1), {})

    return rule


class ChosenMask:
    """x where NumPy's numbers say so, and 0 elsewhere, whatever x is there; scaled before the choice."""

    def __init__(self, by_channel: bool) -> None:
        self.by_channel, self.numbers = by_channel, numpy.random.default_rng(0)

    def __call__(self, options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        p = options.get("p", 0.5)
        kept = torch.from_numpy(self.numbers.random(shape_of(x, self.by_channel)) >= p).to(x.device)
        scale = 1 / (1 - p) if p < 1 else 0.0
        return (x * scale).masked_fill(~kept, 0), lambda dy: ((scale * dy).masked_fill(~kept, 0), {})


FIRST: dict[str, Rule] = {"Dropout": multiplied(False), "Dropout2d": multiplied(True)}
SECOND: dict[str, Rule] = {"Dropout": ChosenMask(False), "Dropout2d": ChosenMask(True)}
