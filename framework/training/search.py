"""Search over hyper-parameters: by fresh random data sets (paper 000) and by k-fold cross-validation (paper 001)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isnan
from statistics import fmean, stdev
from typing import Any

import torch

from framework import arguments
from framework.data.dataset import Dataset

Candidate = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """A candidate and what its trials came to; less is better."""

    candidate: Candidate
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the trials; infinite if one diverged to nan."""
        return inf if any(isnan(score) for score in self.scores) else fmean(self.scores)

    @property
    def std(self) -> float:
        """The standard deviation over the trials, n - 1 in the denominator; 0 for one trial."""
        return stdev(self.scores) if len(self.scores) > 1 else 0.0


def grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return every combination: grid(lr=(0.1, 1), momentum=(0, 0.9)) has four."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def ranked(candidates: Iterable[Candidate], trials: Callable[[Candidate], Iterable[float]]) -> list[Score]:
    scores = [Score(candidate, tuple(trials(candidate))) for candidate in candidates]
    if not scores:
        raise ValueError("search: candidates must hold at least one, held none")
    return sorted(scores, key=lambda score: score.mean)


def by_fresh_data(candidates: Iterable[Candidate], trial: Callable[[Candidate, int], float], runs: int) -> list[Score]:
    """Return the candidates, best first, by the mean of trial(candidate, run) over the runs 0 ... runs - 1.

    The trial draws its own data, from the run as seed, so that all candidates see the same `runs` data sets.
    """
    arguments.whole("by_fresh_data", "runs", runs, 1)
    return ranked(candidates, lambda candidate: [trial(candidate, run) for run in range(runs)])


def folds(data: Dataset, k: int, seed: int = 0) -> list[tuple[Dataset, Dataset]]:
    """Return k pairs of (training, validation): every row is in just one validation part. Raises ValueError."""
    if not 2 <= arguments.whole("folds", "k", k, 2) <= len(data.x):
        raise ValueError(f"folds: k must be at most the {len(data.x)} rows of the data, was {k}")
    order = torch.randperm(len(data.x), generator=torch.Generator().manual_seed(seed))
    parts = [part.to(data.x.device) for part in order.tensor_split(k)]
    return [
        (data.rows(torch.cat([*parts[:fold], *parts[fold + 1 :]])), data.rows(part)) for fold, part in enumerate(parts)
    ]


def by_cross_validation(
    candidates: Iterable[Candidate],
    trial: Callable[[Candidate, Dataset, Dataset], float],
    data: Dataset,
    k: int,
    seed: int = 0,
) -> list[Score]:
    """Return the candidates, best first, by the mean of trial(candidate, training, validation) over k folds.

    Source    Stone 1974; the folds are the same for all candidates.
    """
    parts = folds(data, k, seed)
    return ranked(candidates, lambda candidate: [trial(candidate, *pair) for pair in parts])
