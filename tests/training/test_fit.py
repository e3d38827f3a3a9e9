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


@pytest.mark.parametrize(("option", "value"), [("epochs", 0), ("batch", 0), ("seed", -1)])
def test_a_bad_count_is_refused(option, value):
    with pytest.raises(ValueError, match=f"fit: {option} must be at least"):
        trained(**{option: value})


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    trained()
    assert capfd.readouterr() == ("", "")
