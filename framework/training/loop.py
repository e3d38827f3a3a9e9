"""The training loop of paper 000, section II.F, with mini-batches, a schedule and callbacks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import nan

import torch

from framework import arguments
from framework.data.dataset import Dataset, batches
from framework.losses.loss import Loss
from framework.module import Module
from framework.optim.optimiser import Optimiser
from framework.training.callbacks import Callback
from framework.training.progress import ProgressBar
from framework.training.schedules import Schedule


@dataclass(frozen=True)
class Epoch:
    """What one epoch left behind: losses are means over examples, `loss` as the batches saw it while learning."""

    number: int  # from 0
    lr: float
    loss: float
    validation_loss: float = nan


@dataclass
class Training:
    """The state of a training, as callbacks see it."""

    model: Module
    criterion: Loss
    optimizer: Optimiser
    epochs: int
    validation: Dataset | None = None
    history: list[Epoch] = field(default_factory=list)
    stop: bool = False


def fit(
    model: Module,
    criterion: Loss,
    optimizer: Optimiser,
    data: Dataset,
    *,
    epochs: int,
    batch: int,
    validation: Dataset | None = None,
    schedule: Schedule | None = None,
    callbacks: Iterable[Callback] = (),
    seed: int = 0,
    progress: bool = True,
) -> list[Epoch]:
    """Train `model` by mini-batches and return what each epoch left behind.

    batch     examples a step; the last of an epoch may have fewer
    schedule  learning rate by epoch; None leaves the optimizer's own
    callbacks called in this order; their `end` comes in any case, so early stopping restores after Ctrl-C too
    seed      of the order of the examples, and of nothing else
    progress  show a bar if standard error is a terminal
    Source    Paper 000, section II.F.
    Raises    TypeError or ValueError for a bad count; whatever the model raises for bad data.
    """
    arguments.whole("fit", "epochs", epochs, 1)
    arguments.whole("fit", "batch", batch, 1)
    generator = torch.Generator().manual_seed(arguments.whole("fit", "seed", seed, 0))
    training = Training(model, criterion, optimizer, epochs, validation)
    watchers = [*callbacks, ProgressBar()] if progress else list(callbacks)
    begun: list[Callback] = []
    try:
        for watcher in watchers:
            watcher.begin(training)
            begun.append(watcher)
        for number in range(epochs):
            if schedule is not None:
                optimizer.lr = schedule(number)
            loss = learn(training, data, batch, generator)
            training.history.append(Epoch(number, optimizer.lr, loss, evaluate(model, criterion, validation)))
            for watcher in watchers:
                watcher.after_epoch(training)
            if training.stop:
                break
    finally:
        for watcher in begun:
            watcher.end(training)
    return training.history


def learn(training: Training, data: Dataset, batch: int, generator: torch.Generator) -> float:
    """Take one step a batch through all the data; return the mean of the losses that the steps saw, by example."""
    model, criterion, optimizer = training.model.train(), training.criterion, training.optimizer
    total = data.x.new_zeros(())
    for index in batches(len(data.x), batch, generator):
        x, t = data.rows(index.to(data.x.device))
        total += criterion(model(x), t) * len(x)
        model.zero_grad()
        model.backward(criterion.backward())
        optimizer.step()
    return float(total) / len(data.x)


def evaluate(model: Module, criterion: Loss, data: Dataset | None) -> float:
    """Return the loss of the model in its evaluation behaviour on all the data; nan for no data.

    The model is left in the behaviour that it had, also after an error.
    """
    if data is None:
        return nan
    earlier = model.training
    try:
        return float(criterion(model.eval()(data.x), data.t))
    finally:
        model.train(earlier)
