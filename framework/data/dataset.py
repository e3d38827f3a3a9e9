"""What a data set is: inputs and targets, row by row."""

from collections.abc import Iterator
from typing import NamedTuple, Self

import torch
from torch import Tensor

from framework import arguments


class Dataset(NamedTuple):
    """Inputs x and targets t, paired along their first axis."""

    x: Tensor
    t: Tensor

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """Return the same rows elsewhere or in another dtype; integer targets keep theirs."""
        x, t = self
        return self._replace(
            x=x.to(device=device, dtype=dtype), t=t.to(device=device, dtype=dtype if t.is_floating_point() else None)
        )

    def rows(self, index: Tensor) -> "Dataset":
        """Return the rows that `index` names, in its order."""
        return Dataset(self.x[index], self.t[index])


def batches(n: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the numbers 0 ... n - 1 in a drawn order, `size` at a time on the CPU; the last may be shorter."""
    arguments.whole("batches", "n", n, 1)
    arguments.whole("batches", "size", size, 1)
    yield from torch.split(torch.randperm(n, generator=generator), size)
