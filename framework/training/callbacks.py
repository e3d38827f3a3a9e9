"""What may look on while a network is trained, and stop it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from framework.module import Module

if TYPE_CHECKING:
    from framework.training.loop import Training


class Callback:
    """Called at the start, after every epoch, and at the end, which comes however the training ends.

    Subclass it and override what is wanted; `training.stop = True` makes the epoch that just ended the last.
    """

    def begin(self, training: "Training") -> None:
        """Look on before the first epoch."""

    def after_epoch(self, training: "Training") -> None:
        """Look on after an epoch, which is training.history[-1]."""

    def end(self, training: "Training") -> None:
        """Look on after the last epoch, also after an interruption."""


class Track(Callback):
    """Keep one number an epoch: what `measure(model)` was after each, in `values`."""

    def __init__(self, measure: Callable[[Module], float]) -> None:
        self.measure = measure
        self.values: list[float] = []

    def after_epoch(self, training: "Training") -> None:
        self.values.append(self.measure(training.model))
