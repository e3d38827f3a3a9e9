"""Bytes, operations, shares and memory, where they can be counted by hand."""

import pytest
import torch

from perf.method.work import Work
from perf.physics.ceiling import Ceiling, share
from perf.physics.memory import autograd_saved_bytes, highest, peak_bytes, saved_bytes
from perf.physics.traffic import flops, moved

CEILING = Ceiling({1_000: 100e9, 1_000_000: 50e9, 100_000_000: 10e9}, 100e9)


def work(run: object, saved: tuple[torch.Tensor, ...] | None = None) -> Work:
    return Work(run, dict, saved=None if saved is None else lambda: saved)  # type: ignore[arg-type]  # any callable


def test_each_storage_is_moved_once() -> None:
    x, y = torch.zeros(100), torch.zeros(50)
    assert moved([x, x[:10], x.view(10, 10)], [y]) == 600


def test_a_view_moves_nothing() -> None:
    x = torch.zeros(100)
    assert moved([x], [x.view(10, 10)]) == 0


def test_operations_of_a_product_and_of_its_gradients() -> None:
    x, w = torch.randn(3, 4, requires_grad=True), torch.randn(4, 5, requires_grad=True)
    assert flops(work(lambda: x @ w)) == 2 * 3 * 4 * 5
    assert flops(work(lambda: torch.autograd.grad((x @ w).sum(), [x, w]))) == 3 * 2 * 3 * 4 * 5


def test_pointwise_works_have_none() -> None:
    assert flops(work(lambda: torch.relu(torch.zeros(5)))) == 0


def test_the_share_shown_is_the_larger_one() -> None:
    bound_by_bytes = share(1_000_000, 1_000, 1e-4, CEILING)
    assert bound_by_bytes is not None
    assert (bound_by_bytes.unit, bound_by_bytes.rate, bound_by_bytes.share) == ("GB/s", 10.0, 0.2)
    bound_by_products = share(1_000, 5_000_000, 1e-4, CEILING)
    assert bound_by_products is not None
    assert bound_by_products.unit == "GFLOP/s"
    assert share(0, 0, 1.0, CEILING) is None


def test_the_ceiling_is_that_of_the_working_set() -> None:
    assert CEILING.bandwidth(500_000) == 50e9
    assert CEILING.bandwidth(50_000_000) == 10e9
    assert CEILING.bandwidth(1) == 100e9
    assert CEILING.bandwidth(10**12) == 10e9


@pytest.mark.parametrize(
    ("seconds", "impossible"), [(0.5e-3, True), (2e-3, False), (1 / 1040, False), (1 / 1060, True)]
)
def test_more_than_105_per_cent_of_the_ceiling_is_impossible(seconds: float, impossible: bool) -> None:
    nearest = share(10_000_000, 0, seconds, Ceiling({10_000_000: 10e9}, 1.0))
    assert nearest is not None
    assert nearest.impossible is impossible


def test_the_peak_counts_what_is_freed_inside() -> None:
    x = torch.zeros(1000)
    assert peak_bytes(work(lambda: ((x + 1) + 1).sum())) in range(8000, 8100)


def test_running_sums() -> None:
    assert highest([5, 5, -10, 3, 9, -12]) == 12
    assert highest([-4]) == 0


def test_saved_tensors_of_both_sides() -> None:
    x = torch.zeros(1000, requires_grad=True)
    kept = torch.zeros(10)
    assert autograd_saved_bytes(work(lambda: torch.exp(x))) == 4000
    assert saved_bytes(work(lambda: None, (kept, kept[:5]))) == 40
    assert saved_bytes(work(lambda: None)) is None
