"""Batch normalisation: what it keeps from batch to batch, in which mode, and what it refuses."""

import copy
import pickle

import pytest
import torch

import framework as fw

KINDS = {"BatchNorm1d": (7, 3), "BatchNorm2d": (4, 3, 5, 2)}


def pair(name, **options):
    return getattr(fw, name)(3, **options, dtype=torch.float64), getattr(torch.nn, name)(3, **options).double()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("momentum", [0.1, 0.7, None])
def test_statistics_follow_batch_after_batch(name, momentum):
    ours, theirs = pair(name, momentum=momentum)
    for _ in range(3):
        x = torch.randn(KINDS[name], dtype=torch.float64) + 2
        torch.testing.assert_close(ours(x), theirs(x).detach(), rtol=1e-12, atol=1e-12)
    assert int(ours.num_batches_tracked) == 3
    for kept, wanted in ((ours.running_mean, theirs.running_mean), (ours.running_var, theirs.running_var)):
        torch.testing.assert_close(kept, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_evaluation_reads_statistics_and_leaves_them(name):
    layer, x = pair(name)[0], torch.randn(KINDS[name], dtype=torch.float64)
    layer(x + 5)
    before = {key: value.clone() for key, value in layer.named_buffers().items()}
    layer.eval()
    one, all_of_them = layer(x[:1]).clone(), layer(x)
    torch.testing.assert_close(one, all_of_them[:1], rtol=0, atol=0)
    assert all(torch.equal(value, before[key]) for key, value in layer.named_buffers().items())


@pytest.mark.parametrize("name", KINDS)
def test_backward_belongs_to_the_mode_of_its_forward(name):
    layer, x = pair(name)[0], torch.randn(KINDS[name], dtype=torch.float64)
    dy = torch.randn(KINDS[name], dtype=torch.float64)
    layer(x)
    wanted = layer.backward(dy)
    layer(x)
    layer.eval()
    torch.testing.assert_close(layer.backward(dy), wanted, rtol=0, atol=0)


def test_what_it_keeps_is_in_its_state_and_in_its_copies():
    layer = fw.BatchNorm1d(3)
    layer(torch.randn(5, 3))
    other = fw.BatchNorm1d(3)
    other.load_state_dict(layer.state_dict())
    for one in (other, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert list(one.named_buffers()) == ["running_mean", "running_var", "num_batches_tracked"]
        assert all(torch.equal(one.named_buffers()[key], value) for key, value in layer.named_buffers().items())
        one(torch.randn(5, 3))
        assert not torch.equal(one.running_mean, layer.running_mean)
        assert one.running_mean is one.named_buffers()["running_mean"]


def test_it_moves_with_what_it_keeps():
    layer = fw.BatchNorm2d(3).to(torch.float64)
    assert (layer.running_var.dtype, layer.num_batches_tracked.dtype) == (torch.float64, torch.int64)


def test_nothing_is_kept_where_nothing_is_tracked():
    layer = fw.BatchNorm1d(3, track_running_stats=False).eval()
    x = torch.randn(6, 3)
    assert layer.named_buffers() == {}
    torch.testing.assert_close(layer(x).mean(0), torch.zeros(3), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "x", "words"),
    [
        (fw.BatchNorm1d, (3,), "at least 2 axes"),
        (fw.BatchNorm1d, (2, 3, 4, 5), r"\(N, C\) or \(N, C, L\)"),
        (fw.BatchNorm2d, (2, 3), "at least 4 axes"),
        (fw.BatchNorm2d, (2, 4, 5, 5), "3 channels"),
        (fw.BatchNorm1d, (1, 3), "more than one value a channel"),
        (fw.BatchNorm2d, (1, 3, 1, 1), "more than one value a channel"),
    ],
)
def test_refused_in_words(make, x, words):
    with pytest.raises(ValueError, match=rf"{make.__name__}: x must .*{words}"):
        make(3)(torch.ones(x))


def test_one_value_a_channel_is_enough_for_evaluation():
    assert fw.BatchNorm1d(3).eval()(torch.ones(1, 3)).shape == (1, 3)
