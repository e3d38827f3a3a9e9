"""The best epoch's weights are kept, and restored at the end."""

import pytest
import torch

import framework
from framework.data import Dataset
from framework.training import Callback, EarlyStopping, fit


def data(seed):
    generator = torch.Generator().manual_seed(seed)
    return Dataset(torch.randn(12, 3, generator=generator), torch.randn(12, 1, generator=generator))


class Weights(Callback):
    """Keeps a copy of the weights of every epoch."""

    def __init__(self):
        self.copies = []

    def after_epoch(self, training):
        self.copies.append({name: value.clone() for name, value in training.model.state_dict().items()})


def overfitted(patience, epochs=400):
    torch.manual_seed(0)
    model = framework.Sequential(framework.Linear(3, 20), framework.Tanh(), framework.Linear(20, 1))
    stopping, weights = EarlyStopping(patience), Weights()
    history = fit(
        model,
        framework.MSELoss(),
        framework.SGD(model.param(), 0.1),
        data(0),
        epochs=epochs,
        batch=4,
        validation=data(1),
        callbacks=[weights, stopping],
    )
    return model, history, stopping, weights


def test_it_restores_the_weights_of_the_best_epoch():
    model, history, stopping, weights = overfitted(patience=5)
    losses = [epoch.validation_loss for epoch in history]
    best = losses.index(min(losses))
    assert stopping.best_epoch == best < len(history) - 1
    for name, value in model.state_dict().items():
        assert torch.equal(value, weights.copies[best][name])
        assert not torch.equal(value, weights.copies[-1][name])


def test_it_stops_after_patience_epochs_without_a_new_least():
    _, history, stopping, _ = overfitted(patience=5)
    assert len(history) - 1 - stopping.best_epoch == 5


def test_a_training_that_ends_by_itself_is_restored_too():
    model, history, stopping, weights = overfitted(patience=10_000, epochs=120)
    assert len(history) == 120
    assert torch.equal(model.state_dict()["0.weight"], weights.copies[stopping.best_epoch]["0.weight"])


def test_it_needs_validation_data():
    model = framework.Linear(3, 1)
    with pytest.raises(ValueError, match="EarlyStopping: validation data must be given to fit"):
        fit(
            model,
            framework.MSELoss(),
            framework.SGD(model.param(), 0.1),
            data(0),
            epochs=1,
            batch=4,
            callbacks=[EarlyStopping(1)],
        )


def test_patience_is_at_least_one():
    with pytest.raises(ValueError, match="EarlyStopping: patience must be at least 1, was 0"):
        EarlyStopping(0)
