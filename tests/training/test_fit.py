"""The loop learns, in the order that its seed says, and callbacks see and stop it."""

import pytest
import torch

import framework
from framework.data import Dataset, batches, disk, one_hot
from framework.training import Callback, Constant, StepDecay, Track, evaluate, fit


def network():
    torch.manual_seed(0)
    return framework.Sequential(framework.Linear(2, 16), framework.Tanh(), framework.Linear(16, 2))


def points(n=200, seed=0):
    drawn = disk(n, torch.Generator().manual_seed(seed))
    return Dataset(drawn.x, one_hot(drawn.t, 2))


def trained(**options):
    model = network()
    optimizer = framework.SGD(model.param(), 0.5, 0.9)
    data = options.pop("data", points())
    history = fit(model, framework.MSELoss(), optimizer, data, **{"epochs": 3, "batch": 20} | options)
    return model, history


def test_it_learns_the_disk():
    model, history = trained(data=points(1000), epochs=60, validation=points(500, 1), schedule=Constant(0.1))
    assert history[-1].loss < 0.5 * history[0].loss
    assert history[-1].validation_loss == pytest.approx(evaluate(model, framework.MSELoss(), points(500, 1)))


def test_the_loop_is_the_one_written_out():
    model, _ = trained(batch=64, seed=3)
    other, data = network(), points()
    criterion, optimizer = framework.MSELoss(), framework.SGD(other.param(), 0.5, 0.9)
    generator = torch.Generator().manual_seed(3)
    for _ in range(3):
        for index in torch.randperm(200, generator=generator).split(64):
            criterion(other(data.x[index]), data.t[index])
            other.zero_grad()
            other.backward(criterion.backward())
            optimizer.step()
    for name, value in model.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


def test_the_loss_of_an_epoch_is_a_mean_over_examples():
    _, history = trained(data=points(50), batch=40, epochs=1, schedule=Constant(0.0))
    assert history[0].loss == pytest.approx(evaluate(network(), framework.MSELoss(), points(50)), rel=1e-6)


def test_batches_cover_every_row_once():
    parts = list(batches(10, 4, torch.Generator().manual_seed(0)))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert sorted(torch.cat(parts).tolist()) == list(range(10))


def test_the_schedule_steps_by_epoch():
    _, history = trained(epochs=4, schedule=StepDecay(1.0, 0.5, 2))
    assert [epoch.lr for epoch in history] == [1.0, 1.0, 0.5, 0.5]


class Modal(framework.Linear):
    """A layer that notes in which behaviour it was called, on how many rows."""

    def __init__(self):
        super().__init__(2, 2)
        self.seen = []

    def compute(self, x):
        self.seen.append((self.training, len(x)))
        return super().compute(x)


@pytest.mark.parametrize("trains", [True, False])
def test_it_learns_in_training_and_evaluates_in_evaluation_behaviour(trains):
    inner = Modal()
    model = framework.Sequential(inner).train(trains)
    optimizer = framework.SGD(model.param(), 0.1)
    fit(model, framework.MSELoss(), optimizer, points(30), epochs=2, batch=20, validation=points(7))
    assert inner.seen == [(True, 20), (True, 10), (False, 7)] * 2
    assert model.training
    assert inner.training


@pytest.mark.parametrize("trains", [True, False])
def test_an_evaluation_leaves_the_model_in_the_behaviour_that_it_had(trains):
    inner = Modal()
    model = framework.Sequential(inner).train(trains)
    evaluate(model, framework.MSELoss(), points(7))
    assert inner.seen == [(False, 7)]
    assert (model.training, inner.training) == (trains, trains)
    with pytest.raises(ValueError, match="must have 2 features"):
        evaluate(model, framework.MSELoss(), Dataset(torch.zeros(2, 3), torch.zeros(2, 2)))
    assert (model.training, inner.training) == (trains, trains)


class StopAfterTwo(Callback):
    def __init__(self):
        self.seen = []

    def begin(self, _):
        self.seen.append("begin")

    def after_epoch(self, training):
        self.seen.append(training.history[-1].number)
        training.stop = training.history[-1].number == 1

    def end(self, _):
        self.seen.append("end")


def test_a_callback_sees_every_epoch_and_stops_the_training():
    watcher, track = StopAfterTwo(), Track(lambda model: float(model.state_dict()["0.bias"].sum()))
    _, history = trained(epochs=9, callbacks=[track, watcher])
    assert watcher.seen == ["begin", 0, 1, "end"]
    assert len(history) == len(track.values) == 2


class Interrupted(Callback):
    def after_epoch(self, _):
        raise KeyboardInterrupt


def test_the_end_comes_after_an_interruption_too():
    watcher = StopAfterTwo()
    with pytest.raises(KeyboardInterrupt):
        trained(callbacks=[watcher, Interrupted()])
    assert watcher.seen == ["begin", 0, "end"]


class RefusesToBegin(StopAfterTwo):
    def begin(self, _):
        raise ValueError("not today")


def test_the_end_comes_only_to_those_that_began():
    first, second, third = StopAfterTwo(), RefusesToBegin(), StopAfterTwo()
    with pytest.raises(ValueError, match="not today"):
        trained(callbacks=[first, second, third])
    assert (first.seen, second.seen, third.seen) == (["begin", "end"], [], [])


def test_another_order_in_every_epoch_and_by_every_seed():
    orders = []

    class Watching(framework.Linear):
        def compute(self, x):
            orders.append(tuple(x[:, 0].tolist()))
            return super().compute(x)

    for seed in (0, 1, 0):
        model = framework.Sequential(Watching(2, 2))
        optimizer = framework.SGD(model.param(), 0.0)
        fit(model, framework.MSELoss(), optimizer, points(30), epochs=2, batch=30, seed=seed)
    assert orders[:2] == orders[4:]
    assert len(set(orders)) == 4
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(points(30).x[:, 0].tolist()))}


@pytest.mark.parametrize(("option", "value"), [("epochs", 0), ("batch", 0), ("seed", -1)])
def test_a_bad_count_is_refused(option, value):
    with pytest.raises(ValueError, match=f"fit: {option} must be at least"):
        trained(**{option: value})


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    trained()
    assert capfd.readouterr() == ("", "")
