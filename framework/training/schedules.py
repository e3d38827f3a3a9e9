"""Learning rates as functions of the epoch, the four of paper 001. Epochs count from 0."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from framework import arguments

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Constant:
    """lr(e) = lr."""

    lr: float

    def __post_init__(self) -> None:
        arguments.number("Constant", "lr", self.lr, 0.0)

    def __call__(self, epoch: int) -> float:  # noqa: ARG002 - the signature is that of every schedule
        return self.lr


@dataclass(frozen=True)
class TimeDecay:
    """lr(e) = lr / (1 + decay · e)."""

    lr: float
    decay: float

    def __post_init__(self) -> None:
        arguments.number("TimeDecay", "lr", self.lr, 0.0)
        arguments.number("TimeDecay", "decay", self.decay, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.lr / (1 + self.decay * epoch)


@dataclass(frozen=True)
class ExponentialDecay:
    """lr(e) = lr · exp(-decay · e)."""

    lr: float
    decay: float

    def __post_init__(self) -> None:
        arguments.number("ExponentialDecay", "lr", self.lr, 0.0)
        arguments.number("ExponentialDecay", "decay", self.decay, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.lr * exp(-self.decay * epoch)


@dataclass(frozen=True)
class StepDecay:
    """lr(e) = lr · factor^⌊e / every⌋."""

    lr: float
    factor: float
    every: int

    def __post_init__(self) -> None:
        arguments.number("StepDecay", "lr", self.lr, 0.0)
        arguments.number("StepDecay", "factor", self.factor, 0.0)
        arguments.whole("StepDecay", "every", self.every, 1)

    def __call__(self, epoch: int) -> float:
        return self.lr * self.factor ** (epoch // self.every)
