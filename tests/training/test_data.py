"""The disk and the photographs are what they are said to be."""

from math import pi

import numpy
import pytest
import skimage.data
import torch

from framework.data import Dataset, disk, inside, one_hot, photographs
from framework.data.disk import RADIUS
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


def test_the_edge_belongs_to_the_disk():
    x = torch.full((60, 2), 0.55)
    x[:, 0] = 0.5 + (RADIUS**2 - 0.05**2) ** 0.5 + torch.arange(-30, 30) * 2.0**-24  # neighbours, one on the edge
    distances = (x - 0.5).square().sum(1)
    assert (distances == RADIUS**2).any()
    assert torch.equal(inside(x).bool(), distances <= RADIUS**2)


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


@pytest.mark.parametrize("sigma", [0.0, 0.01, 0.1])
def test_the_noise_has_the_deviation_that_was_asked_for(sigma):
    noisy, other, clean = noisy_pairs(TEST, 40, generator(), sigma)
    middle = (clean > 0.4) & (clean < 0.6)
    for copy in (noisy, other):
        assert float((copy - clean)[middle].std()) == pytest.approx(sigma, rel=0.05)


def test_what_is_learnt_is_the_other_copy_and_what_is_measured_the_clean_patch():
    pairs = noisy_pairs(TEST, 3, generator())
    assert pairs.to_learn().x is pairs.to_measure().x is pairs.noisy
    assert pairs.to_learn().t is pairs.other
    assert pairs.to_measure().t is pairs.clean


@pytest.mark.parametrize("name", [*TRAINING, *TEST])
def test_a_picture_has_its_rows_and_columns_where_scikit_image_has_them(name):
    pixels = getattr(skimage.data, name)()
    pixels = numpy.array(pixels[0] if isinstance(pixels, tuple) else pixels)  # the left one of a stereo pair
    ours = picture(name)
    assert ours.shape == (3, *pixels.shape[:2])
    for channel, row, column in ((0, 3, 200), (1, 200, 3), (2, pixels.shape[0] - 1, pixels.shape[1] - 2)):
        assert ours[channel, row, column] == pytest.approx(pixels[row, column, channel] / 255)
    assert torch.equal((ours * 255).round().permute(1, 2, 0).byte(), torch.from_numpy(pixels[..., :3]))


def numbered(name):
    """Return a picture that tells where a patch was cut: planes of row, column and the picture's number."""
    row, column = torch.meshgrid(torch.arange(40.0), torch.arange(50.0), indexing="ij")
    return torch.stack((row, column, torch.full_like(row, int(name))))


def test_patches_are_cut_from_each_picture_in_turn_anywhere_in_it(monkeypatch):
    monkeypatch.setattr(photographs, "picture", numbered)
    cut = photographs.patches(("0", "1", "2"), 400, generator(), side=32)
    row, column, number = cut.unbind(1)
    assert [int(value) for value in number[:, 0, 0]] == [position % 3 for position in range(400)]
    assert torch.equal(row - row[:, :1, :1], torch.arange(32.0)[:, None].expand(400, 32, 32))
    assert torch.equal(column - column[:, :1, :1], torch.arange(32.0).expand(400, 32, 32))
    assert set(row[:, 0, 0].tolist()) == set(range(40 - 32 + 1))
    assert set(column[:, 0, 0].tolist()) == set(range(50 - 32 + 1))
    assert not torch.equal(row[:, 0, 0], column[:, 0, 0])


def test_psnr_is_in_decibels():
    clean = torch.zeros(2, 3, 4, 4)
    assert psnr(clean + 0.1, clean).tolist() == pytest.approx([20.0, 20.0], abs=1e-4)


@pytest.mark.parametrize(("name", "complaint"), [("nowhere", "must be a picture"), ("camera", "must be in colour")])
def test_a_picture_that_will_not_do_is_refused(name, complaint):
    with pytest.raises(ValueError, match=complaint):
        picture(name)
