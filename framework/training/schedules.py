"""Learning rates as functions of the epoch, the four of paper 001 and more of torch's. Epochs count from 0."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, exp, pi

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


@dataclass(frozen=True)
class MilestoneDecay(arguments.Labelled):
    """lr(e) = lr · factor^(number of milestones up to e): MultiStepLR of torch."""

    lr: float
    factor: float
    milestones: Sequence[int]

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.number(self.label(), "factor", self.factor, 0.0)
        for milestone in self.milestones:
            arguments.whole(self.label(), "milestones", milestone, 0)

    def __call__(self, epoch: int) -> float:
        return self.lr * self.factor ** sum(milestone <= epoch for milestone in self.milestones)


@dataclass(frozen=True)
class CosineDecay(arguments.Labelled):
    """lr(e) = least + (lr - least) · (1 + cos(π · e / epochs)) / 2, up and down again beyond: CosineAnnealingLR."""

    lr: float
    epochs: int
    least: float = 0.0

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.whole(self.label(), "epochs", self.epochs, 1)
        arguments.number(self.label(), "least", self.least, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.least + (self.lr - self.least) * (1 + cos(pi * epoch / self.epochs)) / 2


@dataclass(frozen=True)
class PolynomialDecay(arguments.Labelled):
    """lr(e) = lr · (1 - min(e, epochs) / epochs)^power: PolynomialLR of torch."""

    lr: float
    epochs: int
    power: float = 1.0

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.whole(self.label(), "epochs", self.epochs, 1)
        arguments.number(self.label(), "power", self.power, 0.0)

    def __call__(self, epoch: int) -> float:
        return float(self.lr * (1 - min(epoch, self.epochs) / self.epochs) ** self.power)


@dataclass(frozen=True)
class LinearRamp(arguments.Labelled):
    """lr(e) = lr · (start + (1 - start) · min(e, epochs) / epochs), a warm-up: LinearLR of torch."""

    lr: float
    epochs: int
    start: float = 1 / 3

    def __post_init__(self) -> None:
        arguments.number(self.label(), "lr", self.lr, 0.0)
        arguments.whole(self.label(), "epochs", self.epochs, 1)
        arguments.number(self.label(), "start", self.start, 0.0)

    def __call__(self, epoch: int) -> float:
        return self.lr * (self.start + (1 - self.start) * min(epoch, self.epochs) / self.epochs)
