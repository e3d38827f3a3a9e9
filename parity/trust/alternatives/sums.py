"""Orders of summation. Each function sums over one axis, in the dtype of what it is given.

pairwise    halves are added to each other until one is left (Higham 2002, section 4.1)
sequential  one term after the other, from the last to the first; in NumPy, since torch.cumsum runs in float64
blocked     blocks of sixteen from the last to the first, each summed by torch
"""

from collections.abc import Callable, Iterator

import numpy
import torch
from torch import Tensor

Sum = Callable[[Tensor, int], Tensor]


def pairwise(values: Tensor, dim: int) -> Tensor:
    left = values.movedim(dim, 0)
    while len(left) > 1:
        half = len(left) // 2
        left = torch.cat([left[:half] + left[half : 2 * half], left[2 * half :]])
    return left.sum(0)  # of one term, or of none


def sequential(values: Tensor, dim: int) -> Tensor:
    terms = values.movedim(dim, 0).flip(0)
    if not len(terms):
        return terms.sum(0)
    with numpy.errstate(all="ignore"):
        running = numpy.add.accumulate(terms.cpu().numpy(), axis=0)
    return torch.from_numpy(running[-1:])[0].to(values.device)


def blocks(extent: int, size: int = 16) -> Iterator[slice]:
    """Yield slices that cover range(extent), the last first."""
    for start in reversed(range(0, extent, size)):
        yield slice(start, min(start + size, extent))


def blocked(values: Tensor, dim: int) -> Tensor:
    terms = values.movedim(dim, 0)
    total = torch.zeros_like(values.sum(dim))
    for block in blocks(len(terms)):
        total += terms[block].sum(0)
    return total
