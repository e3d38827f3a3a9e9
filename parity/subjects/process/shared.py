"""The tensors that both processes have: what is written to one of them on either side is carried to the other.

Inputs, cotangents and parameters go over, outputs and gradients come back, and from then on both sides hold the tensor
under one number. So an input that a library changes is changed for the caller, a live parameter stays alive, and an
output whose memory the library uses again is seen to change, as if there were one process.
"""

import itertools
import weakref
from collections.abc import Callable, Container, Iterable
from typing import Any

from torch import Tensor

from parity.subjects.process import memory
from parity.subjects.process.wire import Message, Writer, kind_of


class Entry:
    """One tensor, and what it held when both sides last agreed."""

    def __init__(self, held: Callable[[], Tensor | None], content: bytes, kind: memory.Layout) -> None:
        self.held, self.content, self.kind = held, content, kind
        self.new = False  # True while the message that tells of it is being made


def state(tensor: Tensor) -> tuple[bytes, memory.Layout]:
    plain = memory.resolved(tensor)
    return memory.memory(plain), memory.layout(plain)


def place(tensor: Tensor) -> tuple[object, ...]:
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype, memory.flipped(tensor)


def within(inner: Tensor, outer: Tensor) -> int | None:
    """Return how many bytes behind the start of `outer` the memory of `inner` starts; None if it is not within."""
    if inner.device != outer.device or inner.untyped_storage().data_ptr() != outer.untyped_storage().data_ptr():
        return None
    shift = inner.data_ptr() - outer.data_ptr()
    fits = 0 <= shift <= memory.size(outer) - memory.size(inner) and not shift % inner.element_size()
    return shift if fits and not memory.flipped(inner) and not memory.flipped(outer) else None


class Shared:
    """One side's tensors by their numbers: the caller's are negative, and held weakly; the subject's are positive."""

    def __init__(self, of_caller: bool) -> None:
        self.of_caller = of_caller
        self.entries: dict[int, Entry] = {}
        self.numbers = itertools.count(-1, -1) if of_caller else itertools.count(1)
        self.gone: list[int] = []  # numbers whose tensors were collected, at whatever moment that was
        self.dropped: list[int] = []  # those of them that the other side was not told of

    def add(self, number: int, tensor: Tensor, content: bytes, kind: memory.Layout) -> Tensor:
        """Hold a tensor under a number; say what it holds."""
        held = weakref.ref(tensor, lambda _: self.gone.append(number)) if self.of_caller else lambda: tensor
        self.entries[number] = Entry(held, content, kind)
        return tensor

    def settle(self) -> None:
        """Forget the tensors that were collected, now that nobody walks over the others."""
        while self.gone:
            number = self.gone.pop()
            self.entries.pop(number, None)
            self.dropped.append(number)

    def keep(self, numbers: Container[int]) -> None:
        """Forget every tensor but these."""
        for number in [number for number in self.entries if number not in numbers]:
            del self.entries[number]

    def forgotten(self) -> list[int]:
        """Return the numbers whose tensors the caller no longer has, once."""
        self.settle()
        dropped, self.dropped = self.dropped, []
        return dropped

    def at_hand(self) -> list[tuple[int, Entry, Tensor]]:
        """Return what there is; while the list lives, so do the tensors."""
        self.settle()
        held = [(number, entry, entry.held()) for number, entry in self.entries.items()]
        return [(number, entry, tensor) for number, entry, tensor in held if tensor is not None]

    def refer(self, tensor: Tensor, writer: Writer) -> dict[str, Any]:
        """Return how a message refers to a tensor: one that both have, a view of one, or a new one, which is added."""
        about, here = None, place(tensor) if tensor.numel() else ()
        for number, _, known in self.at_hand():
            if known is tensor or here == place(known):
                return {"same": number}
            if here and about is None and (shift := within(tensor, known)) is not None:
                about = number, shift
        fresh, (content, kind) = next(self.numbers), state(tensor)
        self.add(fresh, tensor, content, kind)
        self.entries[fresh].new = True
        if about is not None:
            return {"view": [fresh, *about, memory.NAMES[kind[0]], *kind[1:]]}
        offset: int = 0
        if self.of_caller and not memory.flipped(tensor):
            content, offset = memory.whole(tensor), int(tensor.storage_offset())
        return {"new": [fresh, writer.tensor(content, kind, offset, str(tensor.device))]}

    def resolve(self, message: Message, word: str, said: Any) -> Tensor:
        """Return the tensor that the other side referred to."""
        if word == "same":
            return self.known(said)
        number, *rest = said
        if type(number) is not int or (number > 0) is not self.of_caller:
            raise ValueError(f"{number!r} is no number of the other side")
        if word == "view":
            outer, shift, dtype, shape, stride = rest
            view = self.view(self.known(outer), shift, kind_of(dtype, shape, stride))
            return self.add(number, view, *state(view))
        if word != "new":
            raise ValueError(f"no tensor is {word}")
        new = message.tensor(*rest[0])
        return self.add(number, new.rebuilt(), new.elements, new.kind)

    def known(self, number: int) -> Tensor:
        tensor = self.entries[number].held()
        if tensor is None:
            raise ValueError("a tensor that is gone")
        return tensor

    def view(self, outer: Tensor, shift: int, kind: memory.Layout) -> Tensor:
        """Return a tensor in the memory of another."""
        dtype, shape, stride = kind
        start = outer.storage_offset() * outer.element_size() + shift
        if (
            type(shift) is not int
            or shift < 0
            or shift + memory.span(shape, stride) * dtype.itemsize > memory.size(outer)
        ):
            raise ValueError("a view beyond its memory")
        empty = outer.new_empty(0, dtype=dtype)
        return empty.set_(outer.untyped_storage(), start // dtype.itemsize, shape, stride)

    def changes(self, writer: Writer) -> list[Any]:
        """Return what describes the tensors that hold something else than when both sides last agreed."""
        found = []
        for number, entry, tensor in self.at_hand():
            if entry.new:
                entry.new = False
                continue
            content, kind = state(tensor)
            if content != entry.content or kind != entry.kind:
                entry.content, entry.kind = content, kind
                found.append([number, writer.tensor(content, kind, 0, str(tensor.device))])
        return found

    def take(self, message: Message, changes: Iterable[Any]) -> None:
        """Change the tensors here as those of the other side have changed; each keeps its identity."""
        for number, said in changes:
            entry, new = self.entries.get(number), message.tensor(*said)
            tensor = None if entry is None else entry.held()
            if entry is None or tensor is None:
                continue
            if memory.layout(memory.resolved(tensor)) == new.kind:
                memory.overwrite(tensor, new.elements)
            else:
                tensor.data = new.rebuilt()
            entry.content, entry.kind = new.elements, new.kind
