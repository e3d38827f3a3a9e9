"""Poison: memory that a subject gets without initialising it holds nan, not the reference's results."""

from collections.abc import Iterable

import torch
from torch import Tensor


def poison(likes: Iterable[Tensor]) -> None:
    """Allocate as much as `likes` twice over, fill it with nan, and free it: what the allocator hands out next."""
    held = [torch.full_like(like, torch.nan) for like in likes if like.is_floating_point() for _ in range(2)]
    held.clear()
