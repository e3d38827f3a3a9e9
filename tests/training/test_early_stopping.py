"""The best epoch's weights are kept, and restored at the end."""

import pytest
import torch

import framework
from framework.data import Dataset
from framework.training import Callback, EarlyStopping, Epoch, Training, fit


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


def told(stopping, losses, model):
    """Tell `stopping` of epochs with these validation losses, each with its number as the weights; return the last."""
    training = Training(model, framework.MSELoss(), framework.SGD(model.param(), 0.1), 99, data(1))
    stopping.begin(training)
    for number, loss in enumerate(losses):
        model.weight.fill_(number)
        training.history.append(Epoch(number, 0.1, 0.0, loss))
        stopping.after_epoch(training)
        if training.stop:
            break
    stopping.end(training)
    return number


def test_an_equal_loss_is_no_new_least():
    stopping, model = EarlyStopping(2), framework.Linear(1, 1)
    assert told(stopping, [2.0, 1.0, 1.0, 1.0, 1.0], model) == 3
    assert (stopping.best_epoch, stopping.best_loss) == (1, 1.0)
    assert model.weight.item() == 1


def test_a_new_least_starts_the_count_again():
    stopping, model = EarlyStopping(2), framework.Linear(1, 1)
    assert told(stopping, [3.0, 4.0, 2.0, 4.0, 1.0, 4.0, 4.0, 0.0], model) == 6
    assert (stopping.best_epoch, model.weight.item()) == (4, 4)


def test_a_second_training_starts_afresh():
    stopping, model = EarlyStopping(2), framework.Linear(1, 1)
    told(stopping, [9.0, 0.5, 0.7, 0.8], model)
    assert told(stopping, [5.0, 4.0, 3.0, 4.0, 5.0, 0.0], model) == 4
    assert (stopping.best_epoch, stopping.best_loss) == (2, 3.0)
    assert model.weight.item() == 2


def test_a_training_without_a_loss_that_is_a_number_is_left_where_it_ends():
    stopping, model = EarlyStopping(3), framework.Linear(1, 1)
    told(stopping, [9.0, 0.5], model)
    assert told(stopping, [float("nan")] * 3, model) == 2
    assert (stopping.best_epoch, model.weight.item()) == (-1, 2)


def test_a_stop_that_another_asked_for_stands():
    stopping, model = EarlyStopping(5), framework.Linear(1, 1)
    training = Training(model, framework.MSELoss(), framework.SGD(model.param(), 0.1), 99, data(1))
    stopping.begin(training)
    training.history.append(Epoch(0, 0.1, 0.0, 1.0))
    training.stop = True
    stopping.after_epoch(training)
    assert training.stop


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
