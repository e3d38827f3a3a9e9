"""torch.testing.assert_close with its default tolerances, on the same values: the column to compare with."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.verdict.draw import Tensors


def accused(got: Mapping[str, object], reference: Tensors) -> set[str]:
    """Return the quantities that assert_close rejects against torch.nn in the same dtype.

    nan beside nan passes, which its default refuses.
    """
    return {name for name, wanted in reference.items() if not close(got.get(name), wanted)}


def close(got: object, wanted: Tensor) -> bool:
    if not isinstance(got, Tensor):
        return False
    try:
        torch.testing.assert_close(got, wanted, equal_nan=True)
    except AssertionError:
        return False
    return True
