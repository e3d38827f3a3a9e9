"""Dropout beside what it drew, and what it refuses."""

import pytest
import torch

import framework as fw

IMAGES = torch.arange(1.0, 241).reshape(4, 5, 4, 3)
KINDS = [fw.Dropout, fw.Dropout2d]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_what_is_kept_is_scaled_and_backward_takes_the_same_draw(kind, dtype):
    torch.manual_seed(0)  # of twenty channels none is dropped once in 300 draws
    own, x = kind(0.25), IMAGES.to(dtype)
    y = own(x)
    kept = y != 0
    assert 0 < kept.sum() < kept.numel()
    wanted = (x.double() / 0.75).masked_fill(~kept, 0)
    torch.testing.assert_close(y, wanted.to(dtype), rtol=3 * torch.finfo(dtype).eps, atol=0)
    dx = own.backward(torch.ones_like(y))
    assert torch.equal(dx != 0, kept)
    assert dx.dtype == dtype


def test_a_channel_is_dropped_as_a_whole_and_every_sample_has_its_own():
    torch.manual_seed(0)
    kept = (fw.Dropout2d(0.5)(torch.ones(40, 50, 3, 2)) != 0).flatten(2)
    assert torch.equal(kept.any(2), kept.all(2))
    assert 850 < kept.any(2).sum() < 1150
    assert len({tuple(sample.tolist()) for sample in kept.any(2)}) == 40


@pytest.mark.parametrize("kind", KINDS)
def test_the_draw_is_that_of_the_global_generator(kind):
    own = kind(0.5)
    torch.manual_seed(3)
    first, second = own(IMAGES), own(IMAGES)
    torch.manual_seed(3)
    assert torch.equal(own(IMAGES), first)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("own", ["evaluation", "p of 0"])
def test_what_drops_nothing_returns_what_it_was_given_and_keeps_nothing(kind, own):
    layer = kind(0.5).eval() if own == "evaluation" else kind(0.0)
    assert layer(IMAGES) is IMAGES
    assert layer.backward(IMAGES) is IMAGES
    assert not layer.saved


def test_the_mode_of_the_forward_counts():
    own = fw.Dropout(0.5)
    y = own(IMAGES)
    dx = own.eval().backward(torch.ones_like(y))
    assert torch.equal(dx, 2.0 * (y != 0))


def test_all_is_dropped_where_p_is_one_and_no_number_is_of_an_infinity():
    own = fw.Dropout(1)
    y = own(torch.tensor([1.0, torch.inf, torch.nan]))
    assert y[0] == 0
    assert y[1:].isnan().all()  # 0 times infinity, as torch.nn has it
    assert not own.backward(torch.ones(3)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_draw_is_kept_and_what_is_given_is_left_alone(kind):
    own, x, dy = kind(0.5), IMAGES.clone(), torch.ones_like(IMAGES)
    own(x)
    own.backward(dy)
    assert torch.equal(x, IMAGES)
    assert torch.equal(dy, torch.ones_like(dy))
    assert [kept.shape for kept in own.saved] == [x.shape if kind is fw.Dropout else (4, 5, 1, 1)]


def test_a_network_passes_its_mode_on():
    model = fw.Sequential(fw.Dropout(0.5), fw.Sequential(fw.Dropout2d(0.5)))
    assert torch.equal(model.eval()(IMAGES), IMAGES)
    assert not torch.equal(model.train()(IMAGES), IMAGES)


REFUSED = [
    (lambda: fw.Dropout(1.5), ValueError, "Dropout: p must be in 0 ... 1, was 1.5"),
    (lambda: fw.Dropout2d(-0.1), ValueError, "Dropout2d: p must be in 0 ... 1, was -0.1"),
    (lambda: fw.Dropout(float("nan")), ValueError, "Dropout: p must be finite, was nan"),
    (lambda: fw.Dropout("half"), TypeError, "Dropout: p must be a number, was 'half'"),
    (lambda: fw.Dropout(inplace=True), ValueError, "Dropout: inplace must be False, since x belongs to the caller"),
    (lambda: fw.Dropout2d(inplace=1), TypeError, "Dropout2d: inplace must be a bool, was 1"),
    (lambda: fw.Dropout()(IMAGES.long()), TypeError, "Dropout: x must be of a floating-point dtype, was torch.int64"),
    (lambda: fw.Dropout2d()(IMAGES[0]), ValueError, "Dropout2d: x must have 4 axes (N, C, H, W), had shape (5, 4, 3)"),
]


@pytest.mark.parametrize(("bad", "kind", "said"), REFUSED)
def test_what_is_refused_is_said(bad, kind, said):
    with pytest.raises(kind) as caught:
        bad()
    assert said in str(caught.value)
