"""What crosses between the processes: numbered messages of plain values and bytes. Reading one executes nothing.

A message is a head of three numbers (its own, the length of its text, the length of its body), a text of JSON, and a
body of bytes, which the text points into. In the text, what JSON has stands for itself; all else is an object of one
entry, which says what it is: map, bytes, foreign, failure, and new, same or view for tensors (see shared.py).
"""

import json
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from parity.subjects.process import memory
from parity.subjects.process.failure import Failure, printable

HEAD = struct.Struct("<QQQ")
TEXT_BYTES = 2**20
BODY_BYTES = 2**30
CHUNK_BYTES = 2**16
LARGEST_INTEGER = 2**63

Wait = Callable[[select.poll], None]  # returns when there is something, raises when it has waited enough


class Garbled(Exception):  # noqa: N818 - what the other side sent, or would have to send, is no message
    """Raised for a message that is too long, out of turn or without sense; says what it did, as "sent ..."."""


@dataclass(frozen=True)
class Foreign:
    """Stands for an object that does not cross: no plain value, no plain tensor."""

    type_name: str


class Writer:
    """Puts values into a message."""

    def __init__(self, refer: "Callable[[Tensor, Writer], Any]") -> None:
        self.refer = refer  # what is said of a tensor
        self.parts: list[bytes] = []
        self.length = 0

    def put(self, content: bytes) -> list[int]:
        """Add bytes to the body; return where they lie and how many they are."""
        self.parts.append(content)
        self.length += len(content)
        return [self.length - len(content), len(content)]

    def tensor(self, content: bytes, kind: memory.Layout, offset: int, device: str) -> list[Any]:
        """Add the memory of a tensor; return what describes it."""
        return [memory.NAMES[kind[0]], device, offset, kind[1], kind[2], *self.put(content)]

    def value(self, value: object) -> Any:
        """Return what says a value."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Tensor):
            return self.refer(value, self)
        if isinstance(value, bytes):
            return {"bytes": self.put(value)}
        if isinstance(value, (list, tuple)):
            return [self.value(entry) for entry in value]
        if isinstance(value, (set, frozenset)):
            return [self.value(entry) for entry in sorted(value, key=str)]
        if isinstance(value, dict):
            return {"map": {str(key): self.value(entry) for key, entry in value.items()}}
        if isinstance(value, Failure):
            return {"failure": [value.base, value.name, list(value.arguments), value.trace]}
        return {"foreign": value.type_name if isinstance(value, Foreign) else type(value).__name__}


@dataclass(frozen=True)
class Described:
    """A tensor as it came: bytes and what they mean; the first element lies `offset` elements behind their start."""

    content: bytes
    kind: memory.Layout
    offset: int
    device: str

    @property
    def elements(self) -> bytes:
        """The bytes from the first element to the last: as many as a tensor of this layout has, and no more."""
        start = self.offset * self.kind[0].itemsize
        return self.content[start : start + memory.span(*self.kind[1:]) * self.kind[0].itemsize]

    def rebuilt(self) -> Tensor:
        return memory.rebuilt(self.content, self.kind, self.offset, self.device)


def kind_of(dtype: str, shape: list[int], stride: list[int]) -> memory.Layout:
    """Return a layout; raise ValueError or KeyError where it is none, or of a tensor that is too large."""
    for entry in (*shape, *stride):
        if type(entry) is not int or not 0 <= entry < LARGEST_INTEGER:
            raise ValueError(f"{entry!r} is no extent")
    known, elements = memory.DTYPES[dtype], 1
    for extent in shape:
        elements *= extent
    if len(shape) != len(stride) or elements * known.itemsize > memory.TENSOR_BYTES:
        raise ValueError(f"no tensor has shape {shape} and strides {stride}")
    return known, tuple(shape), tuple(stride)


@dataclass(frozen=True)
class Message:
    """A message that came."""

    number: int
    text: Any
    body: Any  # an array of bytes

    def bytes(self, start: int, length: int) -> bytes:
        """Return bytes of the body."""
        if not (type(start) is type(length) is int and 0 <= start <= start + length <= len(self.body)):
            raise ValueError("bytes beyond the end of the message")
        content: bytes = self.body[start : start + length].tobytes()
        return content

    def tensor(self, dtype: str, device: str, offset: int, *rest: Any) -> Described:
        """Return a tensor that `Writer.tensor` described."""
        shape, stride, start, length = rest
        kind = kind_of(dtype, shape, stride)
        needed = (offset + memory.span(*kind[1:])) * kind[0].itemsize
        if type(offset) is not int or offset < 0 or needed > length or device.partition(":")[0] not in ("cpu", "cuda"):
            raise ValueError("a tensor beyond its memory")
        return Described(self.bytes(start, length), kind, offset, device)

    def value(self, said: Any, resolve: Callable[["Message", str, Any], Tensor]) -> Any:
        """Return the value that was said; `resolve` returns the tensor that was referred to."""
        if isinstance(said, str):
            return printable(said)
        if isinstance(said, list):
            return [self.value(entry, resolve) for entry in said]
        if not isinstance(said, dict):
            return said
        ((word, content),) = said.items()
        if word == "map":
            return {printable(key): self.value(entry, resolve) for key, entry in content.items()}
        if word == "bytes":
            return self.bytes(*content)
        if word == "foreign":
            return Foreign(printable(content))
        if word == "failure":
            base, name, arguments, trace = self.value(content, resolve)
            return Failure(str(base), str(name), arguments, str(trace))
        return resolve(self, word, content)


class Channel:
    """One end of the connection. Every wait, to send or to receive, is the caller's."""

    def __init__(self, end: socket.socket) -> None:
        self.end, self.rest = end, b""
        end.setblocking(False)
        self.readable, self.writable = select.poll(), select.poll()
        self.readable.register(end, select.POLLIN)
        self.writable.register(end, select.POLLOUT)

    @property
    def silent(self) -> bool:
        """Whether nothing has come that was not read."""
        return not self.rest and not self.readable.poll(0)

    def send(self, number: int, said: object, parts: list[bytes], wait: Wait) -> None:
        """Send a message; raise Garbled if it is too long."""
        text, length = json.dumps(said, separators=(",", ":")).encode(), sum(map(len, parts))
        if len(text) > TEXT_BYTES or length > BODY_BYTES:
            raise Garbled(f"would have to send {len(text)} bytes of text and {length} of tensors, which is too much")
        left = memoryview(b"".join([HEAD.pack(number, len(text), length), text, *parts]))
        while left:
            try:
                left = left[self.end.send(left) :]
            except BlockingIOError:
                wait(self.writable)

    def some(self, receive: Callable[[], Any], wait: Wait) -> Any:
        """Return what is received next; raise EOFError if the other side has closed the connection."""
        while True:
            wait(self.readable)
            try:
                got = receive()
            except BlockingIOError:
                continue
            if not got:
                raise EOFError
            return got

    def receive(self, wait: Wait) -> Message:
        """Return the next message; raise Garbled, before anything is allocated, if it says that it is too long."""
        got = self.rest
        while len(got) < HEAD.size:
            got += self.some(lambda: self.end.recv(CHUNK_BYTES), wait)
        number, text, body = HEAD.unpack_from(got)
        if text > TEXT_BYTES or body > BODY_BYTES:
            raise Garbled(f"sent a header that promises {text} bytes of text and {body} of tensors, which is too much")
        content: Any = np.empty(HEAD.size + text + body, dtype=np.uint8)
        filled, self.rest = min(len(got), len(content)), got[len(content) :]
        content[:filled] = np.frombuffer(got, dtype=np.uint8, count=filled)
        while filled < len(content):
            left = memoryview(content)[filled:]
            filled += self.some(lambda left=left: self.end.recv_into(left), wait)  # type: ignore[misc]  # bound now
        start = HEAD.size + text
        try:
            return Message(number, json.loads(content[HEAD.size : start].tobytes()), content[start:])
        except (ValueError, RecursionError):
            raise Garbled("sent a text that is no message") from None
