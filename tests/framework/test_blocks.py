"""Large tensors: computed block by block, with the same values."""

import pytest
import torch

import framework as fw
from framework import blocks
from perf.method.work import Work
from perf.physics.memory import peak_bytes

X = 3 * torch.randn(6, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
X[0, 0] = torch.tensor([0.0, -0.0, torch.inf, torch.nan])
POINTWISE = [
    fw.CELU(),
    fw.CELU(0.5),
    fw.ELU(),
    fw.ELU(1.7),
    fw.ELU(-0.3),
    fw.GELU(),
    fw.GELU("tanh"),
    fw.Hardsigmoid(),
    fw.Hardswish(),
    fw.Hardtanh(-0.5, 2),
    fw.LeakyReLU(),
    fw.LeakyReLU(0),
    fw.LeakyReLU(-0.2),
    fw.LeakyReLU(1.5),
    fw.LogSigmoid(),
    fw.Mish(),
    fw.ReLU(),
    fw.ReLU6(),
    fw.SELU(),
    fw.SiLU(),
    fw.Sigmoid(),
    fw.Softplus(2, 1),
    fw.Softshrink(),
    fw.Softsign(),
    fw.Tanh(),
    fw.Tanhshrink(),
]


def both(layer, x):
    """Return output and gradient."""
    y = layer(x)
    return y, layer.backward(torch.linspace(-2, 2, y.numel()).reshape(y.shape).to(x.dtype))


@pytest.fixture
def walked(monkeypatch):
    """Make blocks small, and list what was computed in them."""
    seen, filled = [], blocks.filled

    def listed(*arguments):
        seen.append(arguments)
        return filled(*arguments)

    monkeypatch.setattr(blocks, "BLOCK", 7)
    monkeypatch.setattr(blocks, "filled", listed)
    return seen


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layer", POINTWISE, ids=str)
def test_blocks_give_what_the_whole_gives(layer, dtype, walked, monkeypatch):
    x = X.to(dtype)
    in_blocks = both(layer, x)
    assert len(walked) >= 1
    monkeypatch.setattr(blocks, "BLOCK", x.numel())
    allowed = 4 * torch.finfo(dtype).eps  # the ends of a block are rounded otherwise than its inside
    for got, wanted in zip(in_blocks, both(layer, x), strict=True):
        assert got.dtype == dtype
        torch.testing.assert_close(got, wanted, rtol=allowed, atol=allowed, equal_nan=True)


@pytest.mark.parametrize("kind", [fw.Softmax, fw.LogSoftmax])
@pytest.mark.parametrize("dim", [-1, 0, 1, 2])
def test_slices_are_never_cut(kind, dim, walked, monkeypatch):
    for x in (X[1:], X[1:].transpose(0, 1)):
        walked.clear()
        in_blocks = both(kind(dim), x)
        assert len(walked) == (0 if dim == 0 else 2)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "BLOCK", x.numel())
            for got, wanted in zip(in_blocks, both(kind(dim), x), strict=True):
                torch.testing.assert_close(got, wanted, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("smoothing", [0, 0.1])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_cross_entropy_in_blocks_is_that_of_the_whole(smoothing, reduction, walked, monkeypatch):
    p, classes = X[1:], torch.arange(20).reshape(5, 4) % 5
    for t in (classes, p.abs()):
        walked.clear()
        loss = fw.CrossEntropyLoss(reduction, label_smoothing=smoothing)
        dy = torch.linspace(1, 2, loss(p, t).numel()).reshape(loss(p, t).shape).double()
        in_blocks = loss(p, t), loss.backward(dy)
        assert len(walked) == 4
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "BLOCK", p.numel())
            for got, wanted in zip(in_blocks, (loss(p, t), loss.backward(dy)), strict=True):
                torch.testing.assert_close(got, wanted, rtol=1e-14, atol=1e-15)


SUMMED = [
    fw.LayerNorm((5, 4)),
    fw.LayerNorm(4, elementwise_affine=False),
    fw.RMSNorm(4),
    fw.RMSNorm((5, 4), elementwise_affine=False),
    fw.GroupNorm(1, 5),
    fw.GroupNorm(5, 5, affine=False),
    fw.BatchNorm1d(5),
    fw.BatchNorm1d(5).eval(),
    fw.BatchNorm1d(5, affine=False),
    fw.PReLU(),
    fw.PReLU(5),
    fw.GLU(-1),
    fw.GLU(2),
]


@pytest.mark.parametrize("layer", SUMMED, ids=str)
def test_gradients_of_blocks_add_up(layer, monkeypatch):
    layer, x = layer.to(torch.float64), X.nan_to_num(posinf=2)
    for number, (value, _) in enumerate(layer.param()):
        value.copy_(torch.linspace(number + 1, -1, value.numel()).reshape(value.shape))
    found = []
    for block in (7, x.numel()):
        monkeypatch.setattr(blocks, "BLOCK", block)
        layer.zero_grad()
        found.append([*both(layer, x), *(grad.clone() for _, grad in layer.param())])
    for got, wanted in zip(*found, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-13, atol=1e-13)


def test_what_is_not_in_one_piece_is_computed_whole(walked):
    x = X.transpose(0, 1)
    layer = fw.ReLU()
    layer(x)
    layer.backward(x)
    assert not walked


def test_the_blocks_of_more_threads_are_larger(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 7)
    rows = blocks.rows(torch.empty(1000))
    threads = torch.get_num_threads()
    torch.set_num_threads(2 * threads)
    try:
        assert blocks.rows(torch.empty(1000)) == 2 * rows == 14 * threads
    finally:
        torch.set_num_threads(threads)


def test_a_gradient_in_blocks_takes_little_more_memory_than_it_has():
    layer, x = fw.SiLU(), torch.randn(16 * blocks.BLOCK * torch.get_num_threads())
    layer(x)
    assert x.nbytes <= peak_bytes(Work(lambda: layer.backward(x), dict)) < 1.2 * x.nbytes


@pytest.mark.parametrize("layer", [fw.Tanh(), fw.Mish(), fw.LogSigmoid(), fw.Softmax(1)], ids=str)
def test_the_number_of_threads_decides_no_bit(layer):
    x, threads, found = torch.randn(64, (blocks.BLOCK + 100) // 64 + 1), torch.get_num_threads(), []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            found.append(layer(x))
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(one, found[0]) for one in found)


@pytest.mark.parametrize("layer", [fw.ReLU6(), fw.Hardtanh(-2, 0)], ids=str)
def test_a_bound_at_zero_is_one_where_subnormal_numbers_count_as_zero(layer):
    x = torch.tensor([0.0, -0.0, 1.0, -1.0, 9.0, -9.0])
    wanted = torch.tensor([layer.forward(value).item() == value.item() != 0 for value in x])
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor does not flush subnormal numbers")
    try:
        layer(x)
        dx = layer.backward(torch.ones(6))
    finally:
        torch.set_flush_denormal(False)
    assert torch.equal(dx != 0, wanted)
