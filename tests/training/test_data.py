"""The disk and the photographs are what they are said to be."""

from math import pi

import pytest
import torch

from framework.data import Dataset, disk, inside, one_hot
from framework.data.photographs import SIGMA, TEST, TRAINING, noisy_pairs, picture, psnr


def generator():
    return torch.Generator().manual_seed(0)


def test_the_disk_covers_half_of_the_square():
    x, t = disk(20_000, generator())
    assert x.shape == (20_000, 2)
    assert 0 <= x.min() < x.max() <= 1
    assert float(t.double().mean()) == pytest.approx(0.5, abs=0.015)


def test_inside_is_within_the_radius():
    radius = (1 / (2 * pi)) ** 0.5
    x = torch.tensor([[0.5, 0.5], [0.5, 0.5 + radius - 1e-4], [0.5 + radius + 1e-4, 0.5], [0.0, 0.0]])
    assert inside(x).tolist() == [1, 1, 0, 0]


def test_one_hot_has_a_one_in_the_column_of_the_class():
    assert one_hot(torch.tensor([1, 0]), 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="one_hot: labels must be in 0"):
        one_hot(torch.tensor([3]), 3)


def test_a_data_set_casts_what_is_floating():
    x, t = Dataset(torch.zeros(2, 1), torch.tensor([0, 1])).to(dtype=torch.float64)
    assert (x.dtype, t.dtype) == (torch.float64, torch.int64)


def test_no_picture_is_both_learnt_and_tested():
    assert not set(TRAINING) & set(TEST)


def test_pairs_are_two_noisy_copies_of_one_patch():
    noisy, other, clean = noisy_pairs(TEST, 60, generator())
    assert noisy.shape == other.shape == clean.shape == (60, 3, 32, 32)
    assert not torch.equal(noisy, other)
    middle = (clean > 0.4) & (clean < 0.6)
    for copy in (noisy, other):
        assert copy.min() >= 0
        assert copy.max() <= 1
        assert float((copy - clean)[middle].std()) == pytest.approx(SIGMA, rel=0.03)
    first, second = (copy - clean for copy in (noisy, other))
    assert abs(float((first * second)[middle].mean())) < 0.02 * SIGMA**2


def test_psnr_is_in_decibels():
    clean = torch.zeros(2, 3, 4, 4)
    assert psnr(clean + 0.1, clean).tolist() == pytest.approx([20.0, 20.0], abs=1e-4)


@pytest.mark.parametrize(("name", "complaint"), [("nowhere", "must be a picture"), ("camera", "must be in colour")])
def test_a_picture_that_will_not_do_is_refused(name, complaint):
    with pytest.raises(ValueError, match=complaint):
        picture(name)
