"""The search finds the best candidate, on fresh data sets and by cross-validation."""

import pytest
import torch

from framework.data import Dataset
from framework.training import by_cross_validation, by_fresh_data, folds, grid


def test_a_grid_is_every_combination():
    assert grid(lr=(1, 2), momentum=(0, 3)) == [
        {"lr": 1, "momentum": 0},
        {"lr": 1, "momentum": 3},
        {"lr": 2, "momentum": 0},
        {"lr": 2, "momentum": 3},
    ]


def test_fresh_data_are_the_same_for_every_candidate():
    seen = []

    def trial(candidate, run):
        seen.append((candidate["lr"], run))
        return abs(candidate["lr"] - 2) + run

    best, *_ = by_fresh_data(grid(lr=(1, 2, 4)), trial, runs=2)
    assert best.candidate == {"lr": 2}
    assert best.scores == (0, 1)
    assert (best.mean, best.std) == (0.5, pytest.approx(0.5**0.5))
    assert seen == [(lr, run) for lr in (1, 2, 4) for run in (0, 1)]


def test_a_training_that_blew_up_comes_last():
    found = by_fresh_data(grid(lr=(1, 2)), lambda candidate, _: float("nan") if candidate["lr"] == 1 else 9.0, runs=1)
    assert [score.candidate["lr"] for score in found] == [2, 1]


def rows(n=10):
    return Dataset(torch.arange(n).float().unsqueeze(1), torch.arange(n))


def test_every_row_is_held_back_once():
    pairs = folds(rows(), 3)
    assert sorted(torch.cat([held.t for _, held in pairs]).tolist()) == list(range(10))
    for train, held in pairs:
        assert sorted([*train.t.tolist(), *held.t.tolist()]) == list(range(10))


def held_back(pairs):
    return [held.t.tolist() for _, held in pairs]


def test_folds_are_in_a_drawn_order_that_the_seed_alone_decides():
    torch.manual_seed(1)
    first = held_back(folds(rows(20), 4))
    assert any(part != list(range(5 * fold, 5 * fold + 5)) for fold, part in enumerate(first))
    assert any(max(part) - min(part) > 4 for part in first)  # not blocks of the data in another order either
    torch.manual_seed(2)
    assert held_back(folds(rows(20), 4)) == first
    assert held_back(folds(rows(20), 4, seed=5)) != first
    for train, held in folds(rows(20), 4):
        assert torch.equal(train.x[:, 0], train.t.float())
        assert torch.equal(held.x[:, 0], held.t.float())


def test_cross_validation_shows_every_candidate_the_folds_of_its_seed():
    seen = []

    def trial(candidate, train, held):
        seen.append((candidate["lr"], train.t.tolist(), held.t.tolist()))
        return 0.0

    by_cross_validation(grid(lr=(1, 2)), trial, rows(), 3, seed=5)
    wanted = [(train.t.tolist(), held.t.tolist()) for train, held in folds(rows(), 3, seed=5)]
    assert seen == [(lr, *pair) for lr in (1, 2) for pair in wanted]


def test_cross_validation_ranks_by_the_mean_over_the_folds():
    def trial(candidate, train, held):
        return abs(float(train.x.mean()) * candidate["slope"] - float(held.x.mean()))

    found = by_cross_validation(grid(slope=(5, 1)), trial, rows(), 5)
    assert found[0].candidate == {"slope": 1}
    assert len(found[0].scores) == 5


@pytest.mark.parametrize(("k", "words"), [(1, "at least 2, was 1"), (11, "at most the 10 rows of the data, was 11")])
def test_a_bad_number_of_folds_is_refused(k, words):
    with pytest.raises(ValueError, match=f"folds: k must be {words}"):
        folds(rows(), k)


def test_no_candidates_are_refused():
    with pytest.raises(ValueError, match="candidates must hold at least one"):
        by_fresh_data([], lambda *_: 0.0, 1)
