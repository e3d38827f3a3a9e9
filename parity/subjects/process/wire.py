"""How tensors and errors cross between processes: a tensor by its memory, an error by its type and words."""

import builtins
import copyreg
import io
import pickle
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from parity.subjects.contract import Unsupported


def flat(tensor: Tensor) -> Tensor:
    """Return the whole storage of `tensor` as bytes, shared with it."""
    return torch.empty(0, dtype=torch.uint8, device=tensor.device).set_(tensor.untyped_storage())


def memory(tensor: Tensor) -> bytes:
    """Return the bytes of the whole storage of `tensor`, gaps between its elements included."""
    content: bytes = flat(tensor.detach()).cpu().numpy().tobytes()
    return content


def overwrite(tensor: Tensor, content: bytes) -> None:
    """Write bytes that `memory` gave back into the storage of `tensor`."""
    flat(tensor.detach()).copy_(filled(content))


def filled(content: bytes) -> Tensor:
    """Return a new tensor of these bytes, in memory that torch allocated, aligned as torch aligns it."""
    new = torch.empty(len(content), dtype=torch.uint8)
    new.numpy()[:] = np.frombuffer(content, dtype=np.uint8)
    return new


Layout = tuple[int, tuple[int, ...], tuple[int, ...]]


def rebuilt(content: bytes, dtype: torch.dtype, layout: Layout, device: str) -> Tensor:
    storage = filled(content).to(device).untyped_storage()
    return torch.empty(0, dtype=dtype, device=device).set_(storage, *layout)


def reduced(tensor: Tensor) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
    layout = tensor.storage_offset(), tuple(tensor.shape), tensor.stride()
    return rebuilt, (memory(tensor), tensor.dtype, layout, str(tensor.device))


class Pickler(pickle.Pickler):
    """A pickler that writes tensors as `reduced` says: torch's own way takes a quarter of a millisecond a tensor."""

    dispatch_table = copyreg.dispatch_table | {Tensor: reduced, torch.nn.Parameter: reduced}


def dumps(message: object) -> bytes:
    """Return a message as bytes that `pickle.loads` reads."""
    stream = io.BytesIO()
    Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(message)
    return stream.getvalue()


@dataclass(frozen=True)
class Foreign:
    """Stands for a returned object that is not a tensor."""

    type_name: str


def portable(value: object) -> object:
    """Return a tensor as it is, without its history; anything else as its type's name."""
    return value.detach() if isinstance(value, Tensor) else Foreign(type(value).__name__)


@dataclass(frozen=True)
class Failure:
    """An exception of the subject, told by its builtin base, its own name, its arguments and its traceback."""

    base: str
    name: str
    arguments: tuple[Any, ...]
    trace: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Describe an exception; one that is meant to end the process (SystemExit) becomes a RuntimeError."""
        plain = all(isinstance(value, (str, int, float)) for value in error.args)
        arguments = error.args if plain and error.args else (str(error),)
        ancestors = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        base = "Unsupported" if isinstance(error, Unsupported) else ancestors[0]
        if not isinstance(error, Exception):
            base, arguments = "RuntimeError", (f"the subject raised {type(error).__name__}: {error}",)
        trace = "".join(traceback.format_exception(error)[-8:])
        return cls(base, type(error).__name__, arguments, trace)

    def error(self) -> Exception:
        """Return the exception again: of the same builtin type, or of one with the same name derived from it."""
        if self.base == "Unsupported":
            return Unsupported(*self.arguments)
        base: type[Exception] = getattr(builtins, self.base)
        kind = base if base.__name__ == self.name or self.base == "RuntimeError" else type(self.name, (base,), {})
        again: Exception
        try:
            again = kind(*self.arguments)
        except TypeError:  # UnicodeDecodeError and its like take arguments of their own
            again = RuntimeError(f"{self.name}: {' '.join(map(str, self.arguments))}")
        again.add_note(f"In the subject's process:\n{self.trace}")
        return again


@dataclass(frozen=True)
class Reply:
    """What the worker answers: a value or a Failure, the given tensors that changed, and the live tensors."""

    value: Any
    changed: Mapping[int, bytes] = field(default_factory=dict)  # by position among those given, forward's first
    live: Sequence[Tensor] = ()

    def result(self) -> Any:
        """Return the value; raise what the subject raised."""
        if isinstance(self.value, Failure):
            raise self.value.error()
        return self.value
