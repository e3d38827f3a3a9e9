"""Sums that are added to a total in place: of slices, to those that their numbers name; of a matrix product."""

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


def product(a: Tensor, b: Tensor, total: Tensor | None = None) -> Tensor:
    """Return the matrix product a b; where there is a total, that, with the product added in place as it is formed."""
    return a @ b if total is None else total.addmm_(a, b)
