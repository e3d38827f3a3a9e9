"""The searches over hyper-parameters, on either side: by fresh random data for paper 000, by cross-validation for 001,
and for 004 by holding back one training picture after another.
"""

from typing import Any

from torch import Tensor

from framework.data import Dataset
from framework.training import by_cross_validation, by_fresh_data, grid
from parity.papers.trainings import ours, theirs
from parity.papers.trainings.data import Material, held_back, material
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Watch

SIDES = {"framework": ours, "torch.nn": theirs}
# By paper: 000 looks for a learning rate and a momentum, 001 for a learning rate and its decay, 004 for initial weights
# and a learning rate.
CANDIDATES: dict[str, list[dict[str, Any]]] = {
    "000": grid(lr=(0.01, 0.1, 1.0), momentum=(0.0, 0.6, 0.9)),
    "001": grid(lr=(0.1, 0.3), decay=({"decay": 0.01}, {"decay": 0.05})),
    "004": grid(initial=(("xavier_normal",) * 4, ("he_normal",) * 4), lr=(0.25, 0.5, 1.0)),
}


def trainings(setting: Setting, runs: int) -> int:
    """Return how many trainings a search takes."""
    return len(CANDIDATES[setting.paper]) * runs


def trained(setting: Setting, side: str, data: Material, seed: int) -> float:
    """Train and return the share of errors on the part of the data that was held back; 1 if the training blew up."""
    watch = Watch(setting, data)
    predict, _, _ = SIDES[side].train(setting, ours.initial(setting, seed), data, seed, watch)
    p: Tensor = predict(data.test.x)
    wrong = p.argmax(1) != data.test_labels
    return float((wrong | ~p.isfinite().all(1)).double().mean())


def denoised(setting: Setting, side: str, candidate: Any, picture: int) -> float:
    """Train on the other training pictures; return the signal-to-noise ratio on this one, in dB."""
    setting, data = setting.changed(**candidate), held_back(setting, picture, 1000)
    watch = Watch(setting, data)
    predict, _, _ = SIDES[side].train(setting, ours.initial(setting, 1000), data, 1000, watch)
    return watch.measures(predict)["test psnr"]


def ranking(setting: Setting, side: str, runs: int) -> list[dict[str, Any]]:
    """Return the candidates, best first, each with mean and deviation of its errors over `runs` data sets or folds."""

    def fresh(candidate: Any, run: int) -> float:
        seed = 1000 + run  # not the data that the tables are made from
        return trained(setting.changed(**candidate), side, material(setting, seed), seed)

    def folded(candidate: Any, train: Dataset, held: Dataset) -> float:
        labels = train.t.argmax(1), held.t.argmax(1)
        return trained(setting.changed(**candidate), side, Material(train, held, *labels), 1000)

    candidates = CANDIDATES[setting.paper]
    if setting.paper == "000":
        scores = by_fresh_data(candidates, fresh, runs)
    elif setting.paper == "001":
        scores = by_cross_validation(candidates, folded, material(setting, 1000).train, runs)
    else:
        scores = by_fresh_data(candidates, lambda *trial: -denoised(setting, side, *trial), runs)
    return [{"candidate": score.candidate, "mean": score.mean, "std": score.std} for score in scores]
