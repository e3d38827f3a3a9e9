"""The subject's process, seen from the harness: it is started, asked, watched, and ended with all that it started."""

import io
import os
import pickle
import select
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import weakref
from collections.abc import Callable
from typing import Any

from torch import Tensor

from parity.settle import Settings
from parity.subjects.process import limits
from parity.subjects.process.failure import printable
from parity.subjects.process.limits import Limits
from parity.subjects.process.shared import Shared
from parity.subjects.process.wire import Channel, Garbled, Message, Writer

TICK_SECONDS = 0.02  # how often memory and printing are looked at while the subject works
TICKS_OF_CHILDREN = 10  # how many ticks until the processes that it started are looked for again
GRACE_SECONDS = 5.0  # until a process that has closed its connection must have ended
SHOWN_CHARACTERS = 1500  # of what the subject printed, in the message of a failure
PRINTED_BYTES = 64 * 2**20  # kept on disk of what a subject prints


class Ended(Exception):  # noqa: N818 - of a process
    """Raised where the process has ended or must be; says how it did, as "ended with ..."."""


class Overran(Ended):
    """Raised where it must be ended for its time or memory."""


class Pickler(pickle.Pickler):
    """Pickles what is asked for; tensors are referred to as the tables of both sides have them."""

    def __init__(self, stream: io.BytesIO, writer: Writer) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self.writer = writer

    def persistent_id(self, value: object) -> Any:
        return self.writer.value(value) if isinstance(value, Tensor) else None


class Child:
    """The running process, the connection to it, the tensors that both have, and the file that takes what it prints."""

    def __init__(self, settings: Settings, bounds: Limits) -> None:
        """Start the process and wait until it can load a subject. Raises Ended."""
        ours, theirs = socket.socketpair()
        self.channel, self.shared, self.number = Channel(ours), Shared(of_caller=True), 0
        self.bounds, self.mark, self.ticks = bounds, uuid.uuid4().hex, 0
        self.printed = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - it lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", str(theirs.fileno()), settings.word],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.printed,
            stderr=self.printed,
            start_new_session=True,  # a process group of its own
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path), limits.MARK: self.mark}
            | {limits.SAFE_PATH: "1"},
        )
        theirs.close()
        self.end = weakref.finalize(self, end, self.process, self.mark, ours, self.printed)
        self.until, self.given_seconds = time.monotonic() + bounds.start_seconds, bounds.start_seconds
        self.exchange(lambda: None)

    @property
    def idle(self) -> bool:
        """Whether it lives and has said nothing unasked."""
        return self.channel.silent and self.process.poll() is None

    def ask(self, action: str, module: int, arguments: tuple[Any, ...], seconds: float) -> Any:
        """Have the process do something to a module; return what it answers. Raises Ended."""
        self.until, self.given_seconds, self.ticks = time.monotonic() + seconds, self.bounds.cell_seconds, 0
        self.number += 1
        held, writer = self.shared.at_hand(), Writer(self.shared.refer)
        asked = writer.put(self.pickled(arguments, writer))
        said = [action, module, self.shared.forgotten(), self.shared.changes(writer), asked]
        answer = self.exchange(lambda: self.channel.send(self.number, said, writer.parts, self.wait))
        del held  # until now, so that no answer refers to a tensor that is gone
        return answer

    def pickled(self, arguments: tuple[Any, ...], writer: Writer) -> bytes:
        """Return the arguments as the other side reads them; where they cannot be pickled, nothing new is shared."""
        before, stream = set(self.shared.entries), io.BytesIO()
        try:
            Pickler(stream, writer).dump(arguments)
        except BaseException:
            self.shared.keep(before)
            raise
        return stream.getvalue()

    def exchange(self, send: Callable[[], None]) -> Any:
        """Send a message and return the value of the next that comes. Raises Ended."""
        try:
            send()
            message = self.channel.receive(self.wait)
            if message.number != self.number:
                raise Garbled(f"sent the answer to message {message.number} when asked for that to {self.number}")
            return self.read(message)
        except Garbled as garbled:
            raise Ended(f"{garbled}, and was stopped,") from None
        except (EOFError, OSError):
            raise Ended(self.obituary()) from None

    def read(self, message: Message) -> Any:
        """Return the value of a message. Raises Garbled where it has no sense."""
        try:
            changes, value = message.text
            self.shared.take(message, changes)
            return message.value(value, self.shared.resolve)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, RuntimeError, TypeError, ValueError):
            raise Garbled("sent a message without sense") from None

    def wait(self, ready: select.poll) -> None:
        """Wait until there is something to read or room to write, with an eye on time and memory. Raises Ended."""
        while True:
            if time.monotonic() > self.until:
                raise Overran(f"took more than {self.given_seconds:g} s for this cell, and was stopped")
            if ready.poll(TICK_SECONDS * 1000):
                return
            self.watch()
            if self.process.poll() is not None and not ready.poll(0):  # a child of its own keeps the connection open
                raise EOFError

    def watch(self) -> None:
        """Raise Overran if the process holds too much memory; drop what it prints too much."""
        if os.fstat(self.printed.fileno()).st_size > PRINTED_BYTES:
            self.forget()
        held = limits.resident_gib(self.process.pid)
        if self.ticks % TICKS_OF_CHILDREN == 0:
            held += sum(limits.own_gib(other) for other in limits.marked(self.mark) if other != self.process.pid)
        self.ticks += 1
        allowed = self.bounds.memory_gib
        if held > allowed:
            raise Overran(f"held {held:.1f} GiB of memory, more than the {allowed:g} GiB allowed, and was stopped")

    def obituary(self) -> str:
        """Return how the process ended."""
        try:
            status = self.process.wait(max(0.0, min(GRACE_SECONDS, self.until - time.monotonic())))
        except subprocess.TimeoutExpired:
            return "closed its connection, lived on, and was stopped"
        return f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"

    def tail(self) -> str:
        """Return the end of what the subject printed since `forget`, introduced; empty if it printed nothing."""
        size = self.printed.seek(0, os.SEEK_END)
        self.printed.seek(max(0, size - SHOWN_CHARACTERS))
        text = printable(self.printed.read().decode(errors="replace").strip())
        cut = f" (the last {SHOWN_CHARACTERS} of {size} bytes)" if size > SHOWN_CHARACTERS else ""
        return f"\nIt printed{cut}:\n{text}" if text else ""

    def forget(self) -> None:
        """Drop what was printed so far."""
        if self.printed.seek(0, os.SEEK_END):
            self.printed.truncate(0)


def end(process: "subprocess.Popen[bytes]", mark: str, connection: socket.socket, printed: Any) -> None:
    """End a process and all that it started, and free what belongs to it."""
    limits.end_all(process.pid, mark)
    process.kill()  # where there are no groups
    process.wait()
    connection.close()
    printed.close()
