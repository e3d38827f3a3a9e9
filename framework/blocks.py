"""Large tensors block by block: each step of a formula finds what the step before it left still in the cache.

A formula of k steps over a tensor that no cache holds moves it k times through memory. Here it is computed for one
block after the other, in the memory of the result where it can: it is moved once, and no temporary is large.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from math import ceil
from typing import Any

import torch
from torch import Tensor

# elements a thread: 1 MiB of float32 is little enough for a shared cache, and enough beside the start of a step
BLOCK = 2**18
FEW = 2**12  # elements: of fewer, the number of operations decides how long a formula takes, not their speed

Formula = Callable[..., Tensor]
Options = tuple[Any, ...]
Lay = Callable[[list[Tensor], Options], list[Tensor] | None]


def pointwise(formula: Formula) -> Formula:
    """Return the formula, of every element by itself, such that it is computed in blocks where tensors are large.

    formula   takes tensors of one shape, then options, then `out`: where it is given, a tensor like the first whose
              memory the first step may write to and the others go on in
    """
    return in_blocks(formula, as_rows)


def rowwise(formula: Formula) -> Formula:
    """Return the formula, of slices along an axis by themselves, such that it is computed in blocks of whole slices.

    formula   takes tensors of one extent along the first axis, then the axis, then `out`, as a pointwise one does
    """
    return in_blocks(formula, as_slices)


def in_blocks(formula: Formula, lay: Lay) -> Formula:
    """Return the formula; of large tensors that can be laid so, it is computed in blocks along their first axis."""

    @wraps(formula)
    def computed(first: Tensor, *rest: Any, out: Tensor | None = None) -> Tensor:
        if out is not None or whole(first):
            return formula(first, *rest, out=out)
        tensors = [first, *(value for value in rest if isinstance(value, Tensor))]
        options = rest[len(tensors) - 1 :]
        laid = lay(tensors, options)
        return formula(first, *rest) if laid is None else filled(formula, laid, options).view(first.shape)

    return computed


def as_rows(tensors: list[Tensor], _: Options) -> list[Tensor] | None:
    """Return the tensors as rows of elements, where they can be seen so."""
    shape = tensors[0].shape
    fits = all(tensor.shape == shape and tensor.is_contiguous() for tensor in tensors)
    return [tensor.view(-1) for tensor in tensors] if fits else None


def as_slices(tensors: list[Tensor], options: Options) -> list[Tensor] | None:
    """Return the tensors as they are, where the axis is not the first, along which they are cut."""
    return tensors if options[0] % tensors[0].dim() else None


def cut(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """Return the tensors, of one extent along the first axis, cut along it: blocks by the size of the first of them.

    Where they are not walked, they are one block.
    """
    first = tensors[0]
    if whole(first):
        return (tensors,)
    extent = rows(first)
    return zip(*(torch.split(tensor, extent) for tensor in tensors), strict=True)


def filled(formula: Formula, tensors: list[Tensor], options: Options) -> Tensor:
    """Return a tensor like the first, filled by the formula along the first axis, block by block."""
    result = torch.empty_like(tensors[0])
    in_place = result.element_size() > 2  # formats of 16 bits are computed in float32 and rounded once
    for *parts, out in cut(*tensors, result):
        value = formula(*parts, *options, out=out if in_place else None)
        if value.data_ptr() != out.data_ptr():
            out.copy_(value)
    return result


def whole(tensor: Tensor) -> bool:
    """Return whether a tensor is not walked: it is small, on a device with a memory of its own, or its walk is up to
    the compiler that watches."""
    return tensor.numel() <= BLOCK or tensor.is_cuda or torch.compiler.is_compiling()


def threads() -> int:
    """Return how many threads share an operation; of those of compiled code nothing is known."""
    return 1 if torch.compiler.is_compiling() else torch.get_num_threads()


def rows(tensor: Tensor) -> int:
    """Return how many slices along the first axis make a block: one at least, and in all blocks about as many."""
    most = max(1, BLOCK * threads() * len(tensor) // tensor.numel())
    return ceil(len(tensor) / ceil(len(tensor) / most))
