"""A subject that runs in a process of its own, seen from the harness as any other subject."""

import os
import pickle
import subprocess
import sys
import tempfile
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from typing import Any

import torch
from torch import Tensor

from parity.settle import Settings
from parity.subjects.contract import Stopped
from parity.subjects.process import wire
from parity.subjects.process.limits import Limits, resident_gib
from parity.subjects.process.module import IsolatedModule, StatefulModule

TICK_SECONDS = 0.02  # how often memory and printing are looked at while the subject works
SHOWN_CHARACTERS = 1500  # of what the subject printed, in the message of a failure
PATIENCE = 3  # cells of a module that may hang or hold too much memory; then the rest of its cells is not run
PRINTED_BYTES = 64 * 2**20  # kept on disk of what a subject prints


class Child:
    """The running process, the connection to it, and the file that takes what it prints."""

    def __init__(self, source: str, settings: Settings) -> None:
        self.connection, theirs = Pipe()
        self.printed = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - it lives as long as the process
        module = f"{__package__}.worker"
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno()), source, settings.word],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.printed,
            stderr=self.printed,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        )
        theirs.close()
        self.end = weakref.finalize(self, end, self.process, self.connection, self.printed)

    def tail(self) -> str:
        """Return the end of what the subject printed since `forget`, introduced; empty if it printed nothing."""
        size = self.printed.seek(0, os.SEEK_END)
        self.printed.seek(max(0, size - SHOWN_CHARACTERS))
        text = self.printed.read().decode(errors="replace").strip()
        cut = f" (the last {SHOWN_CHARACTERS} of {size} bytes)" if size > SHOWN_CHARACTERS else ""
        return f"\nIt printed{cut}:\n{text}" if text else ""

    def forget(self) -> None:
        """Drop what was printed so far."""
        if self.printed.seek(0, os.SEEK_END):
            self.printed.truncate(0)

    def watch(self, limits: Limits) -> str:
        """Return why the process must be stopped; empty if it need not be."""
        if os.fstat(self.printed.fileno()).st_size > PRINTED_BYTES:
            self.forget()
        held = resident_gib(self.process.pid)
        if held > limits.memory_gib:
            return f"held {held:.1f} GiB of memory, more than the {limits.memory_gib:g} GiB allowed, and was stopped"
        return ""

    def obituary(self) -> str:
        """Return how the process ended."""
        status = self.process.wait()
        if status >= 0:
            return f"ended with status {status}"
        return f"was ended by signal {-status}"


def end(process: "subprocess.Popen[bytes]", connection: Any, printed: Any) -> None:
    """End a process and free what belongs to it."""
    process.kill()
    process.wait()
    connection.close()
    printed.close()


RUNNING: "weakref.WeakValueDictionary[int, Isolated]" = weakref.WeakValueDictionary()


def running(identity: int) -> "Isolated":
    """Return a subject of this process, for modules that are unpickled here."""
    return RUNNING[identity]


class Isolated:
    """A subject whose library is imported, built and called in a process of its own.

    A crash, a hang or too much memory raises Stopped; then every call of that cell does, until `begin` starts the next
    one in a new process. Raises ValueError, in one sentence, if the subject cannot be loaded.
    """

    def __init__(self, source: str, limits: Limits | None = None) -> None:
        self.source = source
        self.limits = limits or Limits()
        self.settings = Settings.now()  # of every process that is started for it
        self.spent_seconds = 0.0
        self.stopped: Stopped | None = None
        self.overrun: Counter[str] = Counter()  # cells in which a module was stopped at a limit
        self.child: Child | None = None
        self.dropped: list[int] = []
        try:
            self.name, self.explains, self.operators = self.start()
        except Stopped as stopped:
            raise ValueError(str(stopped).splitlines()[0]) from None
        RUNNING[id(self)] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return running, (id(self),)

    def start(self) -> tuple[str, bool, bool]:
        """Start the process; return the subject's name, whether its errors explain, whether it has operators."""
        self.child, self.dropped = Child(self.source, self.settings), []
        reply = self.receive(f"the import of {self.source}", self.limits.start_seconds)
        if isinstance(reply.value, wire.Failure):
            self.child.end()
            error = reply.value.error()
            said = str(error) if isinstance(error, ValueError) and str(error).startswith("subject ") else ""
            raise ValueError(said or f"subject {self.source} could not be loaded: {reply.value.name}: {error}")
        name, explains, operators = reply.value
        return name, explains, operators

    def begin(self) -> None:
        """Begin a cell: its time starts at 0, and what stopped the process in the last one is forgotten."""
        self.spent_seconds, self.stopped = 0.0, None
        if self.child is not None:
            self.child.forget()

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> IsolatedModule:
        """Build a module in the process; the rest as Subject says. One that was stopped too often is not run again."""
        if self.stopped is None and self.overrun[module] >= PATIENCE:
            self.stopped = Stopped(f"not run, after {PATIENCE} cells of {module} were stopped at a limit")
        reply = self.ask("build", module, 0, {}, (module, dict(options), dict(parameters), device, dtype))
        return self.module(module, reply.result())

    def apply(self, module: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have the process call a function of the suite with the subject itself; return what it returns, as a copy."""
        return self.ask("apply", module, 0, {}, (function, *arguments)).result()

    def module(self, name: str, held: tuple[int, bool]) -> IsolatedModule:
        """Return the proxy of a module that the worker holds under a number."""
        number, has_state = held
        proxy = (StatefulModule if has_state else IsolatedModule)(self, name, number)
        weakref.finalize(proxy, self.dropped.append, number).atexit = False
        return proxy

    def ask(
        self, action: str, module: str, number: int, written: Mapping[int, bytes], arguments: tuple[Any, ...]
    ) -> wire.Reply:
        """Have the worker do something and return its reply; raise what the subject raised, or Stopped."""
        if self.stopped is not None:
            raise self.stopped
        if self.child is None:
            self.start()
        assert self.child is not None
        what = f"{action} of {module}"
        message = wire.dumps((tuple(self.dropped), action, number, written, arguments))
        self.dropped.clear()
        started = time.monotonic()
        try:
            self.child.connection.send_bytes(message)
        except OSError:
            raise self.stop(what, self.child.obituary()) from None
        reply = self.receive(what, self.limits.cell_seconds - self.spent_seconds)
        self.spent_seconds += time.monotonic() - started
        return reply

    def receive(self, what: str, seconds: float) -> wire.Reply:
        """Wait for the reply, with an eye on time and memory."""
        assert self.child is not None
        until = time.monotonic() + seconds
        while not self.child.connection.poll(TICK_SECONDS):
            reason = self.child.watch(self.limits)
            if not reason and time.monotonic() > until:
                reason = f"took more than {self.limits.cell_seconds:g} s for this cell, and was stopped"
            if reason:
                self.overrun[what.partition(" of ")[2]] += 1
                raise self.stop(what, reason)
        try:
            reply: wire.Reply = pickle.loads(self.child.connection.recv_bytes())
        except (EOFError, OSError):
            raise self.stop(what, self.child.obituary()) from None
        return reply

    def stop(self, what: str, reason: str) -> Stopped:
        """End the process; return the exception that says why."""
        assert self.child is not None
        self.stopped = Stopped(f"the subject's process {reason} in {what}{self.child.tail()}")
        self.child.end()
        self.child = None
        return self.stopped
