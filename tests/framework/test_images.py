"""Borders, resizing and pixels as channels: what is refused, kept, and right where a shortcut would fail."""

import pytest
import torch
from torch import nn

import framework as fw
from framework.images import resizing
from framework.layers import nearest_upsampling

X = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

REFUSED = [
    (lambda: fw.ReflectionPad2d(-1), "ReflectionPad2d: padding must be at least 0, was -1"),
    (lambda: fw.ReflectionPad2d((1, 2)), "padding must be an int or a tuple of four ints, was (1, 2)"),
    (lambda: fw.ReflectionPad2d((0, 0, 4, 0))(X), "x must be at least (5, 1) for padding (4, 0) and (0, 0) of mode re"),
    (lambda: fw.ReplicationPad2d(1)(X[:, :, :0]), "x must have channels and pixels, had shape (2, 3, 0, 5)"),
    (
        lambda: fw.ZeroPad2d((-3, -3, 0, 0))(X),
        "x must have two axes, no shorter than what padding (-3, -3, 0, 0) cuts off",
    ),
    (lambda: fw.BilinearUpsampling(), "scale_factor or size must be given, and not both, was given neither"),
    (lambda: fw.BilinearUpsampling(0.1)(X), "x must have channels and pixels, enough of them for an output, had shape"),
    (lambda: fw.BilinearUpsampling((1, 2, 3)), "scale_factor must be a number or a pair of numbers, was (1, 2, 3)"),
    (lambda: fw.BilinearUpsampling(-2), "BilinearUpsampling: scale_factor must be above 0, was -2"),
    (lambda: fw.PixelShuffle(2)(X), "C divisible by 4, upscale_factor squared, had shape (2, 3, 4, 5)"),
    (lambda: fw.PixelUnshuffle(2)(X), "H and W divisible by downscale_factor 2, had shape (2, 3, 4, 5)"),
]


@pytest.mark.parametrize(("attempt", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_is_refused_is_said(attempt, words):
    with pytest.raises(ValueError, match=r"\w+: ") as caught:
        attempt()
    assert words in str(caught.value)


def test_words_for_numbers_are_refused():
    with pytest.raises(TypeError, match="align_corners must be a bool, was 'yes'"):
        fw.BilinearUpsampling(2, align_corners="yes")
    with pytest.raises(TypeError, match=r"upscale_factor must be an int, was 1\.5"):
        fw.PixelShuffle(1.5)


@pytest.mark.parametrize(
    ("make", "sums"),
    [
        (lambda: fw.ReplicationPad2d((256, 0, 1, 1)), [772, 3]),  # 771 is no bfloat16
        (lambda: fw.NearestUpsampling(size=(1, 700)), [350, 350]),
        (lambda: fw.NearestUpsampling(size=(1, 701)), [352, 350]),
        (lambda: fw.Conv2d(1, 1, 1, padding=(0, 299), padding_mode="replicate", bias=False), [300, 300]),
    ],
)
def test_many_places_that_show_one_pixel_are_summed_in_more_than_sixteen_bits(make, sums):
    x = torch.ones(1, 1, 1, 2, dtype=torch.bfloat16)
    layer = make().to(x.dtype)
    for value, _ in layer.param():
        value.fill_(1)
    dx = layer.backward(torch.ones_like(layer(x)))  # a sum of ones in bfloat16 itself ends at 256
    assert dx.dtype == x.dtype
    assert dx.flatten().tolist() == sums


@pytest.mark.parametrize(
    ("make", "elements"),
    [
        (lambda: fw.ReflectionPad2d(1), 0),
        (lambda: fw.PixelShuffle(1), 0),
        (lambda: fw.Identity(), 0),
        (lambda: fw.Conv2d(3, 2, 3, padding=1, padding_mode="reflect"), X.numel() + 54),  # x as it came, and weight
    ],
)
def test_what_is_kept_is_what_backward_reads(make, elements):
    layer = make().to(torch.float64)
    layer(X)
    assert sum(tensor.numel() for tensor in layer.saved) == elements


@pytest.mark.parametrize(
    "make",
    [
        lambda: fw.PixelShuffle(1),
        lambda: fw.PixelUnshuffle(1),
        lambda: fw.ZeroPad2d(0),
        lambda: fw.ReflectionPad2d(0),
        lambda: fw.ReplicationPad2d(0),
        lambda: fw.BilinearUpsampling(1),
        lambda: fw.NearestUpsampling(size=(4, 5)),
    ],
)
def test_what_changes_nothing_shares_no_memory(make):
    layer = make()
    y = layer(X)
    dy = torch.ones_like(y)
    dx = layer.backward(dy)
    assert torch.equal(y, X)
    assert torch.equal(dx, dy)
    assert y.untyped_storage().data_ptr() != X.untyped_storage().data_ptr()
    assert dx.untyped_storage().data_ptr() != dy.untyped_storage().data_ptr()


def test_an_identity_hands_on_the_very_tensors():
    layer, dy = fw.Identity(), torch.ones_like(X)
    assert layer(X) is X
    assert layer.backward(dy) is dy


def test_an_infinity_stays_among_the_pixels_that_see_it():
    x = torch.zeros(1, 1, 1, 6)
    x[..., 0] = float("inf")
    y = fw.BilinearUpsampling(2)(x)
    assert torch.equal(y.isfinite(), nn.Upsample(scale_factor=2, mode="bilinear")(x).isfinite())
    assert y.isfinite().sum() == 18


@pytest.mark.parametrize(("module", "name"), [(resizing, "CACHED"), (nearest_upsampling, "FEW")])
@pytest.mark.parametrize("make", [lambda: fw.BilinearUpsampling(2), lambda: fw.NearestUpsampling((2, 3))])
@pytest.mark.parametrize("x", [X, X[:, :, 1:, ::2], X[:, :1].expand(2, 3, 4, 5)])
def test_images_one_at_a_time_become_the_same(monkeypatch, module, name, make, x):
    layer = make()
    y = layer(x)
    dx = layer.backward(y)
    monkeypatch.setattr(module, name, 1)
    assert torch.equal(layer(x), y)
    assert torch.equal(layer.backward(y), dx)


def test_a_layer_takes_images_of_another_size_next():
    layer = fw.BilinearUpsampling(size=6)
    for x in (X, X[:, :, :3], X[..., :2]):
        layer(x)
        assert layer.backward(torch.ones(2, 3, 6, 6, dtype=x.dtype)).shape == x.shape
