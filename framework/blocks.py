"""Large tensors block by block: each step of a formula finds what the step before it left still in the cache.

A formula of k steps over a tensor that no cache holds moves it k times through memory. Here it is computed for one
block after the other, in the memory of the result where it can: it is moved once, and no temporary is large.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

BLOCK = 2**18  # elements a thread: 1 MiB of float32, few enough for a shared cache, many enough for a step to be long
FEW = 2**12  # elements: of fewer, the number of operations decides how long a formula takes, not their speed

Formula = Callable[..., Tensor]


def pointwise(formula: Formula) -> Formula:
    """Return the formula, of every element by itself, such that it is computed in blocks where tensors are large.

    formula   takes tensors of one shape, then options, then `out`: where it is given, a tensor like the first whose
              memory the first step may write to and the others go on in
    """

    @wraps(formula)
    def in_blocks(first: Tensor, *rest: Any, out: Tensor | None = None) -> Tensor:
        if first.numel() <= BLOCK or out is not None or first.is_cuda:
            return formula(first, *rest, out=out)
        tensors, options = parted(first, rest)
        if not all(tensor.shape == first.shape and tensor.is_contiguous() for tensor in tensors):
            return formula(first, *rest)
        return filled(formula, [tensor.view(-1) for tensor in tensors], options).view(first.shape)

    return in_blocks


def rowwise(formula: Formula) -> Formula:
    """Return the formula, of slices along an axis by themselves, such that it is computed in blocks of whole slices.

    formula   takes tensors of one shape, then the axis, then `out`, as a pointwise one does
    """

    @wraps(formula)
    def in_blocks(first: Tensor, *rest: Any, out: Tensor | None = None) -> Tensor:
        if first.numel() <= BLOCK or out is not None or first.is_cuda:
            return formula(first, *rest, out=out)
        tensors, options = parted(first, rest)
        if options[0] % first.dim() == 0:  # a block along the first axis would hold no slice whole
            return formula(first, *rest)
        return filled(formula, tensors, options)

    return in_blocks


def parted(first: Tensor, rest: tuple[Any, ...]) -> tuple[list[Tensor], tuple[Any, ...]]:
    """Return the tensors and the options that follow them."""
    tensors = [first, *(value for value in rest if isinstance(value, Tensor))]
    return tensors, rest[len(tensors) - 1 :]


def cut(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """Return the tensors, of one extent along the first axis, cut along it: blocks by the size of the first of them.

    Where they are small, or on a device with a memory of its own, they are one block.
    """
    first = tensors[0]
    if first.numel() <= BLOCK or first.is_cuda:
        return (tensors,)
    extent = rows(first)
    return zip(*(torch.split(tensor, extent) for tensor in tensors), strict=True)


def filled(formula: Formula, tensors: list[Tensor], options: tuple[Any, ...]) -> Tensor:
    """Return a tensor like the first, filled by the formula along the first axis, block by block."""
    result = torch.empty_like(tensors[0])
    in_place = result.element_size() > 2  # formats of 16 bits are computed in float32 and rounded once
    for *parts, out in cut(*tensors, result):
        value = formula(*parts, *options, out=out if in_place else None)
        if value.data_ptr() != out.data_ptr():
            out.copy_(value)
    return result


def rows(tensor: Tensor) -> int:
    """Return how many slices along the first axis make a block: one at least."""
    return max(1, BLOCK * torch.get_num_threads() * len(tensor) // tensor.numel())
