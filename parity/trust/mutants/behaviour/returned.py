"""What a call returned: one tensor, several, or none."""

from collections.abc import Callable
from typing import Any

from torch import Tensor


def with_first(returned: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return what a call returned with its first tensor changed; None stays None."""
    if isinstance(returned, tuple):
        return (change(returned[0]), *returned[1:])
    return returned if returned is None else change(returned)
