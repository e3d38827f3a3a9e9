"""Poison: memory that a subject gets without initialising it holds nan, not the reference's results."""

from collections.abc import Iterable

import torch
from torch import Tensor


def poison(likes: Iterable[object]) -> None:
    """Allocate as much as `likes` twice over, fill it with nan, and free it: what the allocator hands out next."""
    tensors = [like for like in likes if isinstance(like, Tensor) and like.is_floating_point()]
    held = [torch.full_like(like, torch.nan) for like in tensors for _ in range(2)]
    held.clear()
