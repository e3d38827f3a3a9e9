"""What is read of a subject's module: quantities as they came, their bits, and memory that holds nothing of use."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from parity.catalogue.signature import Signature
from parity.subjects.contract import Buffered, Built, Stopped
from parity.subjects.process.failure import ELSEWHERE
from parity.verdict.compare import Comparison
from parity.verdict.draw import Draw, Tensors

FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in (\S+)')
SUITE = Path(__file__).parents[1]
MEANS = {  # what a message of torch or NumPy says of a library, which it does not say itself
    "refers to a single memory location": "it writes into what it was given",
    "is read-only": "it writes into what it was given",
    "view size is not compatible": "it takes as contiguous what is not",
}
ARRAYS = {"numpy", "torch"}  # the packages that a library calls: where in them it ended tells less than from where


class Reading(dict[str, Tensor]):
    """Quantities as they came; `error` is what kept the others from being read."""

    error: Exception | None = None


def computed(gradient: object) -> bool:
    """Return whether a gradient holds more than the zeros that stand there before a backward."""
    return isinstance(gradient, Tensor) and bool(gradient.count_nonzero())


def said(error: Exception) -> str:
    """Return an exception in words: its type and message, what that means and where it came up in another process; of a
    process that stopped, what stopped it. Notes come first, but for a traceback."""
    words = str(error) if isinstance(error, Stopped) else f"{type(error).__name__}: {error}"
    notes = [note for note in getattr(error, "__notes__", ()) if not note.startswith(ELSEWHERE)]
    meaning = next((f"that is, {means}" for part, means in MEANS.items() if part in words), "")
    return ": ".join([*notes, ", ".join(filter(None, (words, meaning, whereabouts(error))))])


def whereabouts(error: BaseException) -> str:
    """Return the line of the subject's own code in which its process ended in an exception; empty if none is known."""
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith(ELSEWHERE)]
    frames = [frame for note in notes for frame in FRAME.findall(note) if is_its_own(Path(frame[0]))]
    return "in {}, line {}, in {}".format(Path(frames[-1][0]).name, *frames[-1][1:]) if frames else ""


def is_its_own(file: Path) -> bool:
    """Return whether a file is the subject's: not the suite's, nor one of the packages that hold its arrays."""
    return not file.is_relative_to(SUITE) and ARRAYS.isdisjoint(file.parts)


def lacking(quantity: str, got: Mapping[str, object], drawn: Draw, signature: Signature) -> Comparison:
    """Return what is said of a quantity that did not come.

    A library may give the gradient of its first argument alone, and need not show what it keeps.
    """
    error = getattr(got, "error", None)
    if error:
        return Comparison("error", said(error))
    if quantity in drawn.buffers:
        return Comparison("unsupported", f"the subject does not show {quantity}")
    first, *further = signature.gradients(drawn.inputs) or [""]
    if quantity in further and first in got and not got.keys() & set(further):
        return Comparison("unsupported", f"backward returns {first} alone")
    return Comparison("fail", "the subject gives none")


def gradients(built: Built, prefix: str = "d") -> Tensors:
    """Return copies of the accumulated gradients as d<name>; what is no tensor, as it is."""
    return {
        f"{prefix}{name}": grad.detach().clone() if isinstance(grad, Tensor) else grad
        for name, grad in built.gradients().items()
    }


def buffers(built: Built, drawn: Draw) -> Tensors:
    """Return copies of what a module keeps beside its parameters, of those that were drawn; none if it shows none."""
    if not drawn.buffers or not isinstance(built, Buffered):
        return {}
    return {name: value.detach().clone() for name, value in built.buffers().items() if name in drawn.buffers}


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors are equal bit by bit, nan to nan."""
    return a.shape == b.shape and a.dtype == b.dtype and torch.equal(bits(a), bits(b))


def bits(value: Tensor) -> Tensor:
    width = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[value.element_size()]
    return value.detach().contiguous().cpu().view(width)


def poison(likes: Iterable[object]) -> None:
    """Leave nan in memory that a subject gets without initialising it, in place of the reference's results.

    Allocate as much as `likes` twice over, fill it with nan, and free it: what the allocator hands out next.
    """
    tensors = [like for like in likes if isinstance(like, Tensor) and like.is_floating_point()]
    held = [torch.full_like(like, torch.nan) for like in tensors for _ in range(2)]
    held.clear()
