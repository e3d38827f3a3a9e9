"""The searches rank their candidates on data that no table is made from."""

import pytest
import torch

from framework.data.photographs import SIGMA, TRAINING, patches
from parity.papers.experiments import denoising, paper_000, paper_001
from parity.papers.trainings import searches
from parity.papers.trainings.data import held_back


def test_a_candidate_that_blows_up_is_last_and_both_sides_agree():
    setting = paper_000.TANH.changed(epochs=3, examples=100, tests=100)
    rankings = [searches.ranking(setting, side, 1) for side in searches.SIDES]
    assert len(rankings[0]) == len(searches.CANDIDATES["000"]) == searches.trainings(setting, 1)
    assert [entry["candidate"] for entry in rankings[0]] == [entry["candidate"] for entry in rankings[1]]
    assert rankings[0][0]["mean"] < rankings[0][-1]["mean"]


def test_cross_validation_trains_on_the_other_folds():
    setting = paper_001.SEARCHED.changed(epochs=2, examples=60)
    (first, *_) = searches.ranking(setting, "framework", 3)
    assert 0 <= first["mean"] <= 1


@pytest.mark.parametrize("number", range(len(TRAINING)))
def test_the_picture_held_back_is_not_learnt_from(number):
    setting = denoising.MAIN.changed(examples=4, tests=3)
    data = held_back(setting, number, seed=5)
    generator = torch.Generator().manual_seed(5)
    others = [name for name in TRAINING if name != TRAINING[number]]
    assert (data.train.x - patches(others, 4, generator)).std() < 1.1 * SIGMA
    assert data.train.x.shape == (4, 3, 32, 32)
    assert data.test.x.shape == (3, 3, 32, 32)


def test_the_search_for_the_denoiser_ranks_by_the_signal_to_noise_ratio():
    setting = denoising.SEARCHED.changed(epochs=1, examples=16, tests=4)
    ranked = searches.ranking(setting, "torch.nn", 1)
    assert len(ranked) == len(searches.CANDIDATES["004"])
    assert all(-40 < entry["mean"] < 0 for entry in ranked)
    assert ranked == sorted(ranked, key=lambda entry: entry["mean"])
