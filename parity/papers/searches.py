"""The papers' searches over hyper-parameters: fresh random data (000) and cross-validation (001), on both sides."""

from typing import Any

from torch import Tensor

from framework.data import Dataset
from framework.training import by_cross_validation, by_fresh_data, grid
from parity.papers import ours, theirs
from parity.papers.data import Material, material
from parity.papers.setting import Setting
from parity.papers.watch import Watch

SIDES = {"framework": ours, "torch.nn": theirs}
# By paper: 000 looks for a learning rate and a momentum, 001 for a learning rate and its decay.
CANDIDATES: dict[str, list[dict[str, Any]]] = {
    "000": grid(lr=(0.01, 0.1, 1.0), momentum=(0.0, 0.6, 0.9)),
    "001": grid(lr=(0.1, 0.3), decay=({"decay": 0.01}, {"decay": 0.05})),
}


def trainings(setting: Setting, runs: int) -> int:
    """Return how many trainings a search takes."""
    return len(CANDIDATES[setting.paper]) * runs


def trained(setting: Setting, side: str, found: Material, seed: int) -> float:
    """Train and return the share of errors on the part of the data that was held back; 1 if the training blew up."""
    watch = Watch(setting, found)
    predict, _, _ = SIDES[side].train(setting, ours.initial(setting, seed), found, seed, watch)
    p: Tensor = predict(found.test.x)
    wrong = p.argmax(1) != found.test_labels
    return float((wrong | ~p.isfinite().all(1)).double().mean())


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
        found = by_fresh_data(candidates, fresh, runs)
    else:
        found = by_cross_validation(candidates, folded, material(setting, 1000).train, runs)
    return [{"candidate": score.candidate, "mean": score.mean, "std": score.std} for score in found]
