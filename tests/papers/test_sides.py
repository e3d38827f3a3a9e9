"""Both sides start from the same bits, and come to the same figures."""

import pytest
import torch

from parity.papers.experiments import paper_000, paper_001, paper_002, paper_003
from parity.papers.trainings import ours, theirs
from parity.papers.trainings.data import material
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Watch

SETTINGS = [
    paper_000.RELU,
    paper_001.MAIN,
    paper_001.VARIANTS["schedule StepDecay"],
    paper_001.VARIANTS["schedule ExponentialDecay"],
    paper_002.MAIN,
    paper_003.SETTINGS["CrossEntropyLoss", "plain"],
]


def run(side, setting: Setting):
    data = material(setting, 0)
    watch = Watch(setting, data)
    predict, values, epoch = side.train(setting, ours.initial(setting, 0), data, 0, watch)
    return watch, predict, values, epoch


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_short_trainings_agree(setting):
    setting = setting.changed(epochs=3, examples=200, tests=100)
    (mine, predict, values, epoch), (other, reference, wanted, best) = run(ours, setting), run(theirs, setting)
    assert epoch == best
    assert mine.series.keys() == other.series.keys()
    for name, series in mine.series.items():
        assert len(series) == 3
        assert series == pytest.approx(other.series[name], rel=1e-3, abs=2.0 if "errors" in name else 1e-6)
    for name, value in values.items():
        torch.testing.assert_close(value, wanted[name], rtol=1e-3, atol=1e-5)
    x = mine.material.test.x
    torch.testing.assert_close(predict(x), reference(x), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("side", [ours, theirs])
def test_the_best_epoch_is_restored(side):
    setting = paper_001.MAIN.changed(epochs=25, examples=60, tests=60, batch=20, patience=4, lr=0.6)
    watch, _, _, epoch = run(side, setting)
    data = material(setting, 0)
    again = Watch(setting, data)
    predict, _, _ = side.train(setting, ours.initial(setting, 0), data, 0, again)
    losses = watch.series["test loss"]
    assert losses.index(min(losses)) == epoch
    assert again.measures(predict)["test loss"] == min(losses)


@pytest.mark.parametrize("side", [ours, theirs])
def test_the_restored_weights_are_those_of_the_best_epoch(side):
    setting = paper_001.MAIN.changed(epochs=25, examples=60, tests=60, batch=20, patience=4, lr=0.6)
    watch, _, values, best = run(side, setting)
    assert best < len(watch.series["test loss"]) - 1
    _, _, ended, _ = run(side, setting.changed(epochs=best + 1, patience=0))
    _, _, last, _ = run(side, setting.changed(epochs=len(watch.series["test loss"]), patience=0))
    for name, value in values.items():
        assert torch.equal(value, ended[name])
        assert not torch.equal(value, last[name])


@pytest.mark.parametrize("way", paper_001.INITIALISERS)
def test_every_initialiser_starts_both_sides_from_the_same_bits(way):
    setting = paper_001.VARIANTS[f"initialiser {way}"]
    start = ours.initial(setting, 1)
    assert all(not value.any() for name, value in start.items() if name.endswith("bias"))
    model = theirs.network(setting, start, "cpu", torch.float32)
    for name, value in model.named_parameters():
        assert torch.equal(value.detach(), start[name])


def test_another_number_is_another_key():
    assert paper_000.RELU.key(1) == paper_000.RELU.changed().key(1)
    assert paper_000.RELU.key(1) != paper_000.RELU.changed(lr=0.2).key(1)
    assert paper_000.RELU.key(1) != paper_000.RELU.key(2)
