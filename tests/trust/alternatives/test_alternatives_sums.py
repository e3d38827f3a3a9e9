"""The orders of summation sum, and each in its own order."""

import pytest
import torch

from parity.trust.alternatives.sums import Sum, blocked, blocks, pairwise, sequential

ORDERS = (pairwise, sequential, blocked)


@pytest.mark.parametrize("total", ORDERS)
@pytest.mark.parametrize("extent", [0, 1, 2, 7, 16, 33])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_integers_are_summed_exactly(total: Sum, extent: int, dim: int) -> None:
    shape = [3, 4, 5]
    shape[dim] = extent
    values = torch.randint(-9, 10, shape).float()
    assert torch.equal(total(values, dim), values.sum(dim))


@pytest.mark.parametrize("total", ORDERS)
def test_infinities_meet_as_in_torch(total: Sum) -> None:
    inf, nan = torch.inf, torch.nan
    rows = torch.tensor([[1.0, inf, 2.0], [inf, 1.0, -inf], [nan, 1.0, 1.0]])
    torch.testing.assert_close(total(rows, 1), torch.tensor([inf, nan, nan]), equal_nan=True)


def test_the_orders_differ_in_their_last_bits() -> None:
    values = torch.rand(20, 10_000, generator=torch.Generator().manual_seed(0))
    assert len({tuple(total(values, 1).tolist()) for total in ORDERS}) == len(ORDERS)


def test_one_by_one_loses_what_is_small() -> None:
    values = torch.tensor([1.0] * 4 + [2.0**24])  # summed from the last: each one is lost
    assert sequential(values, 0) == 2.0**24
    assert pairwise(values, 0) == 2.0**24 + 4


def test_blocks_cover_the_extent_from_the_last() -> None:
    covered = [list(range(35))[block] for block in blocks(35)]
    assert [part[0] for part in covered] == [32, 16, 0]
    assert sorted(i for part in covered for i in part) == list(range(35))
