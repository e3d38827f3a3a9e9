"""Slices added by their numbers, wherever the tensors lie."""

import pytest
import torch

from framework.sums import add_slices


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_slices_are_added_to_those_that_the_numbers_name(axis: int, device: str) -> None:
    generator = torch.Generator().manual_seed(0)
    total, slices = (torch.randn(3, 3, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    wanted = total.clone()
    for at, number in enumerate((2, 0, 2)):
        wanted.select(axis, number).add_(slices.select(axis, at))
    total, slices, numbers = total.to(device), slices.to(device), torch.tensor([2, 0, 2], device=device)
    assert add_slices(total, axis, numbers, slices) is total
    assert torch.allclose(total.cpu(), wanted)
