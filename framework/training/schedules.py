"""Learning rates as functions of the epoch, the four of paper 001. Epochs count from 0."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from framework import arguments

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Constant(arguments.Labelled):
    """lr(e) = lr."""

    lr: float

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)

    def __call__(self, epoch: int) -> float:  # noqa: ARG002 - the signature is that of every schedule
        return self.lr


@dataclass(frozen=True)
class TimeDecay(arguments.Labelled):
    """lr(e) = lr / (1 + decay · e)."""

    lr: float
    decay: float

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.number(self.label(), "decay", self.decay, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.lr / (1 + self.decay * epoch)


@dataclass(frozen=True)
class ExponentialDecay(arguments.Labelled):
    """lr(e) = lr · exp(-decay · e)."""

    lr: float
    decay: float

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.number(self.label(), "decay", self.decay, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.lr * exp(-self.decay * epoch)


@dataclass(frozen=True)
class StepDecay(arguments.Labelled):
    """lr(e) = lr · factor^⌊e / every⌋."""

    lr: float
    factor: float
    every: int

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.number(self.label(), "factor", self.factor, 0.0)
        arguments.whole(self.label(), "every", self.every, 1)

    def __call__(self, epoch: int) -> float:
        return self.lr * self.factor ** (epoch // self.every)
