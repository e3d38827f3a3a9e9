"""Options that torch.nn takes as tensors: plain numbers on a page, a tensor in the dtype of the cell on either side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Numbers:
    """A vector of numbers, such as a weight of every class, each exact in every dtype that is asked for.

    Raises    ValueError if one is not: the two sides would not hold the same.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        exact = torch.tensor(self.values, dtype=torch.float64)
        for dtype in (torch.bfloat16, torch.float16):
            if not torch.equal(exact.to(dtype).double(), exact):
                raise ValueError(f"numbers of an option must be exact in {dtype}, were {self.values}")

    def __repr__(self) -> str:
        return f"torch.tensor({list(self.values)})"  # as a script has it

    def __str__(self) -> str:
        return " ".join(f"{value:g}" for value in self.values)

    def tensor(self, dtype: torch.dtype, device: torch.device | str = "cpu") -> Tensor:
        return torch.tensor(self.values, dtype=dtype, device=device)


def numbers(*values: float) -> Numbers:
    return Numbers(values)


def built_in(options: Mapping[str, Any], dtype: torch.dtype, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Return options as torch.nn and the libraries take them: numbers as tensors."""
    return {
        name: value.tensor(dtype, device) if isinstance(value, Numbers) else value for name, value in options.items()
    }


class TakesNumbers:
    """Before a module of torch.nn: takes numbers for its tensors, which move and are cast with it as its buffers do."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**built_in(options, torch.float64))
