"""The arrays of a library: how torch's tensors become them, and come back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Written, near

NAMES = {torch.float64: "float64", torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}


def to_numpy(value: Tensor) -> Any:
    """Return an array that shares the memory of `value`."""
    return value.detach().numpy()


def from_numpy(value: Any) -> Tensor:
    """Return a tensor that shares the memory of an array; raise TypeError for anything else."""
    if not isinstance(value, (np.ndarray, np.generic)):
        raise TypeError(f"the library must return a NumPy array, returned {type(value).__name__}")
    array = np.asarray(value)
    backwards = any(stride < 0 for stride in array.strides)  # torch has no strides below zero
    return torch.from_numpy(array if array.flags.writeable and not backwards else array.copy())


def itself(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Arrays:
    """What a library computes with.

    give     from a tensor to the library's array
    take     back
    dtypes   those that the library has, by torch's names; others are unsupported
    devices  the same
    shares   whether give and take keep the memory, so that writes of the library are seen, where nothing is cast
    dtype    the library's own word for a dtype, given to constructors that take a dtype
    inner    the one dtype in which the library computes, if it has only one: tensors are cast to it, results back,
             which rounds once
    """

    give: Callable[[Tensor], Any] = itself
    take: Callable[[Any], Tensor] = itself
    dtypes: tuple[str, ...] = tuple(NAMES.values())
    devices: tuple[str, ...] = ("cpu", "cuda")
    shares: bool = True
    dtype: Callable[[torch.dtype], Any] = itself
    inner: torch.dtype | None = None

    @property
    def outside_torch(self) -> bool:
        """Whether the library computes with something other than torch's tensors, which no trace of torch shows."""
        return self.give is not itself

    def keeps_memory(self, dtype: torch.dtype) -> bool:
        """Return whether the library's arrays share the memory of tensors of this dtype."""
        return self.shares and self.inner in (None, dtype)

    def only(self, *dtypes: str) -> "Arrays":
        """Return the same arrays for a library that has these dtypes alone; raise Miswritten for another name."""
        for name in dtypes:
            if name not in NAMES.values():
                allowed = list(NAMES.values())
                hint = near(name, allowed) or f" of {', '.join(allowed)}"
                raise Written.here().wrong(f"only names a dtype {name!r}, which is none{hint}", name)
        return replace(self, dtypes=dtypes)

    def require(self, library: str, device: torch.device, dtype: torch.dtype) -> None:
        """Raise Unsupported for a device or dtype that the library does not have."""
        if device.type not in self.devices:
            raise Unsupported(f"{library} runs on {' and '.join(self.devices)} only")
        *first, last = self.dtypes
        if NAMES[dtype] not in self.dtypes:
            raise Unsupported(f"{library} has {' and '.join(filter(None, (', '.join(first), last)))} only")

    def into(self, value: Any) -> Any:
        """Return the library's array for a tensor; anything else passes as it is, for the library to refuse."""
        if not isinstance(value, Tensor):
            return value
        return self.give(value.to(self.inner) if self.inner and value.is_floating_point() else value)

    def out(self, value: Any, dtype: torch.dtype) -> Tensor:
        """Return the tensor for an array of the library, which keeps its dtype unless the library has only one.

        A number of Python has no dtype: it gets the one that is wanted.
        """
        if isinstance(value, (int, float)):
            return torch.tensor(value, dtype=dtype)
        if value is None:
            raise TypeError("the library must return an array, returned None (does a return lack?)")
        tensor = from_numpy(value) if isinstance(value, np.generic) else self.take(value)
        return tensor.to(dtype) if self.inner and tensor.dtype == self.inner else tensor


TORCH = Arrays()
NUMPY = Arrays(to_numpy, from_numpy, ("float64", "float32", "float16"), ("cpu",), dtype=NAMES.__getitem__)

# float32 runs too, because most checks of behaviour are asked in float32 alone; narrower types would test the cast.
FLOAT64_NUMPY = replace(NUMPY, dtypes=("float64", "float32"), inner=torch.float64)
FLOAT64_TORCH = replace(TORCH, dtypes=("float64", "float32"), inner=torch.float64)


def boxed(box: Callable[[Any, bool], Any], array: Callable[[Any], Any], *dtypes: str) -> Arrays:
    """Return the arrays of a library whose own tensors hold NumPy's, on the CPU; dtypes by torch's names.

    box    (array, floating) -> tensor; the array is a copy, and one that is not floating gets no gradient
    array  of a tensor; what comes back as an array already, as a gradient may, is taken as it is
    """

    def take(value: Any) -> Tensor:
        return from_numpy(value if isinstance(value, np.ndarray) else array(value))

    return Arrays(lambda t: box(to_numpy(t).copy(), t.is_floating_point()), take, ("cpu",), ("cpu",), False).only(
        *dtypes
    )
