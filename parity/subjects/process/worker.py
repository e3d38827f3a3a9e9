"""The worker: the process in which a subject runs. Started with a file descriptor, a source, settings."""

import copy
import ctypes
import faulthandler
import itertools
import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import torch
from torch import Tensor

from parity.settle import Settings
from parity.subjects import load
from parity.subjects.contract import Built, Stateful, Subject, traits
from parity.subjects.process import wire
from parity.subjects.process.wire import Reply

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass
class Held:
    """A module built here for the parent."""

    built: Built
    given: list[Tensor] = field(default_factory=list)  # the tensors of the last forward
    live: list[Tensor] = field(default_factory=list)  # parameters and gradients of which the parent holds mirrors

    def number(self, tensor: Tensor) -> int:
        """Return the number of a live tensor: an old one if it is the same memory seen in the same way."""
        for number, known in enumerate(self.live):
            if place(known) == place(tensor):
                return number
        self.live.append(tensor.detach())
        return len(self.live) - 1


def place(tensor: Tensor) -> tuple[object, ...]:
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype


def poison(likes: list[Tensor]) -> None:
    """Leave nan in the memory that the allocator hands out next, as the harness does in its own process."""
    held = [torch.full_like(like, torch.nan) for like in likes if like.is_floating_point() for _ in range(2)]
    held.clear()


class Worker:
    """Does what the parent asks for; what is asked for is the name of a method."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.settings = Settings.now()  # as the library's import left them
        self.modules: dict[int, Held] = {}
        self.numbers = itertools.count(os.getpid() << 20)  # no number means a module of an earlier process

    def keep(self, built: Built) -> tuple[int, bool]:
        """Hold a module; return its number and whether it shows its state."""
        number = next(self.numbers)
        self.modules[number] = Held(built)
        return number, isinstance(built, Stateful)

    def build(self, *arguments: Any) -> tuple[int, bool]:
        self.settings.restore()  # one module's doing is not another's fault
        return self.keep(self.subject.build(*arguments))

    def apply(self, function: Callable[..., object], *arguments: Any) -> object:
        """Call a function of the suite with the subject itself."""
        return function(self.subject, *arguments)

    def forward(self, held: Held, *inputs: Any) -> object:
        held.given = [value for value in inputs if isinstance(value, Tensor)]
        poison(held.given)
        return wire.portable(held.built.forward(*inputs))

    def backward(self, held: Held, dy: Any) -> object:
        poison([dy] if isinstance(dy, Tensor) else [])
        return wire.portable(held.built.backward(dy))

    def gradients(self, held: Held) -> object:
        gradients = held.built.gradients()
        if not isinstance(gradients, Mapping):
            return wire.portable(gradients)
        return {str(name): wire.portable(value) for name, value in gradients.items()}

    def zero_grad(self, held: Held) -> None:
        held.built.zero_grad()

    def param(self, held: Held) -> list[tuple[int, int]]:
        return [(held.number(value), held.number(grad)) for value, grad in stateful(held).param()]

    def state_dict(self, held: Held) -> dict[str, int]:
        return {name: held.number(value) for name, value in stateful(held).state_dict().items()}

    def load_state_dict(self, held: Held, state: Mapping[str, Tensor]) -> None:
        stateful(held).load_state_dict(state)

    def pickled(self, held: Held) -> bytes:
        return pickle.dumps(held.built)

    def unpickle(self, content: bytes) -> tuple[int, bool]:
        return self.keep(pickle.loads(content))

    def deepcopy(self, held: Held) -> tuple[int, bool]:
        return self.keep(copy.deepcopy(held.built))

    def on_module(self, action: str, number: int, written: Mapping[int, bytes], arguments: tuple[Any, ...]) -> Reply:
        """Call a method on a held module; see which of the tensors that the parent gave, or mirrors, have changed."""
        held = self.modules[number]
        for position, content in written.items():
            wire.overwrite(held.live[position], content)
        kept = [] if action == "forward" else held.given
        watched = [*kept, *(value for value in arguments if isinstance(value, Tensor))]
        before = [wire.memory(tensor) for tensor in watched]
        value = attempt(getattr(self, action), held, *arguments)
        changed = {i: now for i, was in enumerate(before) if (now := wire.memory(watched[i])) != was}
        return Reply(value, changed, held.live)

    def answer(self, action: str, number: int, written: Mapping[int, bytes], arguments: tuple[Any, ...]) -> Reply:
        """Do what the parent asks for; number 0 is the subject itself, others are modules built before."""
        if number in self.modules:
            return self.on_module(action, number, written, arguments)
        if number:
            return Reply(wire.Failure.of(RuntimeError("the module was lost with the process that held it")))
        return Reply(attempt(getattr(self, action), *arguments))


def attempt(action: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the action returns, or the description of what it raised."""
    try:
        return action(*arguments)
    except BaseException as error:
        return wire.Failure.of(error)


def stateful(held: Held) -> Stateful:
    if not isinstance(held.built, Stateful):
        raise TypeError("the module shows no state")
    return held.built


def begin(settings: Settings) -> None:
    """Give this process the parent's settings; let Ctrl-C be the parent's, and end when the parent ends."""
    settings.restore()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def serve(connection: Connection, source: str) -> None:
    """Load the subject, then answer until the parent hangs up."""
    subject = attempt(load, source)
    if isinstance(subject, wire.Failure):
        return connection.send_bytes(wire.dumps(Reply(subject)))
    worker = Worker(subject)
    said = str(subject.name), bool(subject.explains), traits(subject).operators
    connection.send_bytes(wire.dumps(Reply(said)))
    while True:
        sent = attempt(pickle.loads, connection.recv_bytes())  # fails where the library hides what is asked for
        if isinstance(sent, wire.Failure):
            connection.send_bytes(wire.dumps(Reply(sent)))
            continue
        dropped, *asked = sent
        for number in dropped:
            worker.modules.pop(number, None)
        answer(connection, worker.answer(*asked))


def answer(connection: Connection, reply: Reply) -> None:
    """Send a reply; where it cannot be sent, such as a sparse tensor, why. What was printed goes out before."""
    with suppress(Exception):  # the library may have closed or replaced it
        sys.stdout.flush()
    message = attempt(wire.dumps, reply)
    connection.send_bytes(wire.dumps(Reply(message)) if isinstance(message, wire.Failure) else message)


def main(descriptor: str, source: str, settings: str) -> None:
    begin(Settings.of_word(settings))
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        serve(Connection(int(descriptor)), source)
    os._exit(0)  # whatever threads or exit handlers the library has left behind


if __name__ == "__main__":
    main(*sys.argv[1:])
