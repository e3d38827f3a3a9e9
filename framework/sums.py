"""Sums by number: slices that are added to those of a total which their numbers name."""

from torch import Tensor


def add_slices(total: Tensor, axis: int, numbers: Tensor, slices: Tensor) -> Tensor:
    """Add `slices` to those of `total` along an axis that the `numbers` name, in place and in an order that stays.

    On CUDA index_add sums by atomics, whose order, and with it the last bits, changes from run to run; an accumulating
    index sorts the numbers first.
    """
    if not total.is_cuda:
        return total.index_add_(axis, numbers, slices)
    total.movedim(axis, 0).index_put_((numbers,), slices.movedim(axis, 0), accumulate=True)
    return total
