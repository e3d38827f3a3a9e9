"""Stop when the validation loss no longer falls, and go back to where it was least."""

from math import inf
from typing import TYPE_CHECKING

from torch import Tensor

from framework import arguments
from framework.training.callbacks import Callback

if TYPE_CHECKING:
    from framework.training.loop import Training


class EarlyStopping(arguments.Labelled, Callback):
    """Keep the weights of the epoch with the least validation loss; restore them at the end.

    Stops     after `patience` epochs in a row without a validation loss below the least so far
    Source    Prechelt 1998, "Early stopping - but when?", third class of criteria; paper 001, section II.
    Raises    ValueError if the training has no validation data.
    """

    def __init__(self, patience: int) -> None:
        self.patience = arguments.whole(self.label(), "patience", patience, 1)
        self.best_epoch = -1
        self.best_loss = inf
        self._best: dict[str, Tensor] = {}

    def begin(self, training: "Training") -> None:
        if training.validation is None:
            raise ValueError(f"{self.label()}: validation data must be given to fit, were None")
        self.best_epoch, self.best_loss, self._best = -1, inf, {}

    def after_epoch(self, training: "Training") -> None:
        epoch = training.history[-1]
        if epoch.validation_loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch.number, epoch.validation_loss
            self._best = {name: value.clone() for name, value in training.model.state_dict().items()}
        training.stop |= epoch.number - self.best_epoch >= self.patience

    def end(self, training: "Training") -> None:
        if self._best:
            training.model.load_state_dict(self._best)
