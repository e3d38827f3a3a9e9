"""The worker: the process in which a subject runs. Started with a file descriptor and settings."""

import copy
import faulthandler
import io
import itertools
import os
import pickle
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from select import poll
from typing import Any

import torch
from torch import Tensor

from parity.settle import Settings, end_with_parent
from parity.subjects import is_file, load, names
from parity.subjects.composed import build
from parity.subjects.contract import (
    Buffered,
    Built,
    Group,
    LiveOptimiser,
    Modal,
    Optimises,
    Settable,
    Stateful,
    Subject,
    TwiceDifferentiable,
    Unsupported,
    traits,
)
from parity.subjects.process import limits, memory
from parity.subjects.process.failure import Failure
from parity.subjects.process.module import SHOWN
from parity.subjects.process.shared import Shared
from parity.subjects.process.wire import Channel, Foreign, Message, Writer

PROCESS = os.getpid()  # a child that the library forks and that comes back here is another


def poison(likes: Iterable[object]) -> None:
    """Leave nan in the memory that the allocator hands out next, as the harness does in its own process."""
    tensors = [like for like in likes if isinstance(like, Tensor) and like.is_floating_point()]
    held = [torch.full_like(like, torch.nan) for like in tensors for _ in range(2)]
    held.clear()


def portable(value: object) -> object:
    """Return a tensor that has plain memory, as torch's own; in place of anything else what it is."""
    if not isinstance(value, Tensor):
        return Foreign(type(value).__name__)
    with torch._C.DisableTorchFunctionSubclass():
        fault = memory.strange(value)
        return Foreign(fault) if fault else memory.as_plain(value)


def each_portable(returned: object) -> object:
    """Return the same of what a call returned, one thing or several, of which some may be None."""
    if not isinstance(returned, (tuple, list)):
        return portable(returned)
    return [None if value is None else portable(value) for value in returned]


def shown(built: Built, protocol: Any) -> Any:
    """Return a module that must show more than its calls; raise TypeError if it does not."""
    if not isinstance(built, protocol):
        raise TypeError(f"the module is not {protocol.__name__}")
    return built


class Surroundings:
    """What a module's doing must leave to the next: torch's settings, and the modules that the suite itself has."""

    def __init__(self, count: int) -> None:
        """Remember the first `count` modules: those that were loaded before the library."""
        self.settings, self.modules = Settings.now(), sys.modules
        self.names, self.loaded = list(sys.modules)[:count], list(sys.modules.values())[:count]

    def restore(self) -> None:
        """Set back what was changed since the import of the library."""
        sys.modules = self.modules
        if list(sys.modules.values())[: len(self.loaded)] != self.loaded:
            sys.modules.update(zip(self.names, self.loaded, strict=True))
        self.settings.restore()


class Worker:
    """Does what is asked to the subject and its modules; what is asked for is the name of a method."""

    def __init__(self, subject: Subject, modules: int) -> None:
        self.subject = subject
        self.surroundings = Surroundings(modules)
        self.modules: dict[int, Any] = {}  # Built, or LiveOptimiser
        self.numbers = itertools.count(os.getpid() << 20)  # no number means a module of an earlier process

    def keep(self, built: object) -> tuple[int, list[str]]:
        """Hold a module; return its number, and what it also shows."""
        number = next(self.numbers)
        self.modules[number] = built
        return number, [name for name, protocol in SHOWN.items() if isinstance(built, protocol)]

    def build(self, *arguments: Any) -> tuple[int, list[str]]:
        return self.keep(build(self.subject, *arguments))

    def apply(self, function: Callable[..., object], *arguments: Any) -> object:
        """Call a function of the suite with the subject itself."""
        return function(self.subject, *arguments)

    def forward(self, built: Built, *inputs: Any) -> object:
        poison(inputs)
        return each_portable(built.forward(*inputs))

    def backward(self, built: Built, *cotangents: Any) -> object:
        poison(cotangents)
        return each_portable(built.backward(*cotangents))

    def second(self, built: Built, cotangents: Sequence[Any], directions: Sequence[Any]) -> object:
        found = shown(built, TwiceDifferentiable).second(cotangents, directions)
        if not isinstance(found, Mapping):
            return portable(found)
        return self.named({name: value for name, value in found.items() if value is not None})

    def buffers(self, built: Built) -> object:
        return self.named(shown(built, Buffered).buffers())

    def load_buffers(self, built: Built, values: Mapping[str, Tensor]) -> None:
        shown(built, Buffered).load_buffers(values)

    def train(self, built: Built, mode: bool) -> None:
        shown(built, Modal).train(mode)

    def gradients(self, built: Built) -> object:
        return self.named(built.gradients())

    def named(self, found: object) -> object:
        if not isinstance(found, Mapping):
            return portable(found)
        return {str(name): portable(value) for name, value in found.items()}

    def zero_grad(self, built: Built) -> None:
        built.zero_grad()

    def param(self, built: Built) -> list[list[object]]:
        return [[portable(value), portable(grad)] for value, grad in shown(built, Stateful).param()]

    def state_dict(self, built: Built) -> object:
        return self.named(shown(built, Stateful).state_dict())

    def load_state_dict(self, built: Built, state: Mapping[str, Tensor]) -> None:
        shown(built, Settable).load_state_dict(state)

    def pickled(self, built: Built) -> bytes:
        return pickle.dumps(built)

    def unpickle(self, content: bytes) -> tuple[int, list[str]]:
        return self.keep(pickle.loads(content))

    def deepcopy(self, built: Built) -> tuple[int, list[str]]:
        return self.keep(copy.deepcopy(built))

    def optimiser(self, name: str, groups: Sequence[Group]) -> int:
        if not isinstance(self.subject, Optimises):
            raise Unsupported(f"{self.subject.name} shows no optimiser")
        return self.keep(self.subject.optimiser(name, groups))[0]

    def step(self, optimiser: LiveOptimiser) -> None:
        optimiser.step()

    def rates(self, optimiser: LiveOptimiser, rates: list[float]) -> None:
        optimiser.rates(rates)

    def states(self, optimiser: LiveOptimiser) -> list[object]:
        return [self.named(own) for own in optimiser.states()]

    def resumed(self, optimiser: LiveOptimiser) -> int:
        return self.keep(optimiser.resumed())[0]

    def do(self, action: str, module: int, arguments: tuple[Any, ...]) -> object:
        """Do what is asked for; module 0 is the subject itself, others were built before."""
        if not module:
            return getattr(self, action)(*arguments)
        if module not in self.modules:
            raise RuntimeError("the module was lost with the process that held it")
        return getattr(self, action)(self.modules[module], *arguments)


class Unpickler(pickle.Unpickler):
    """Reads what is asked for; tensors are those that both sides have, or new ones."""

    def __init__(self, content: bytes, resolve: Callable[[Any], Any]) -> None:
        super().__init__(io.BytesIO(content))
        self.persistent_load = resolve  # type: ignore[method-assign]  # as its documentation allows


class Server:
    """Reads what the harness asks, has it done, and answers: one message for each."""

    def __init__(self, connection: socket.socket) -> None:
        self.channel, self.shared = Channel(connection), Shared(of_caller=False)
        self.worker: Worker | None = None
        self.answer(0, None)  # ready

    def serve(self) -> None:
        """Answer one message."""
        message = self.channel.receive(forever)
        self.answer(message.number, attempt(self.act, message))

    def act(self, message: Message) -> object:
        """Do what a message asks for."""
        action, module, dropped, changes, asked = message.text
        for number in dropped:
            self.shared.entries.pop(number, None)
        if action in ("build", "optimiser") and self.worker is not None:
            self.worker.surroundings.restore()  # one module's doing is not another's fault
        self.shared.take(message, changes)
        reader = Unpickler(message.bytes(*asked), lambda said: message.value(said, self.shared.resolve))
        modules, arguments = reader.load()  # fails where the library hides what is asked for
        if self.worker is None:
            return self.load(*arguments)
        for number in modules:
            self.worker.modules.pop(number, None)
        return self.worker.do(action, module, arguments)

    def load(self, source: str, needed: Sequence[str]) -> tuple[str, bool, bool, bool]:
        """Import the library, after what the suite needs; return what its subject says of itself."""
        if is_file(source):
            names.make_room(source, needed)
        before = len(sys.modules)
        subject = load(source)
        self.worker = Worker(subject, before)
        said = traits(subject)
        return str(subject.name), bool(subject.explains), said.operators, said.differentiates_twice

    def answer(self, number: int, value: object) -> None:
        """Send an answer; where it cannot be sent, why. What was printed goes out before."""
        attempt(lambda: sys.stdout.flush())  # the library may have closed or replaced it
        if os.getpid() != PROCESS:
            os._exit(0)  # the library has forked, and its parent answers
        failure = attempt(self.send, number, value)
        if isinstance(failure, Failure):
            self.send(number, failure, [])

    def send(self, number: int, value: object, changes: list[Any] | None = None) -> None:
        writer = Writer(self.shared.refer)
        said = writer.value(value)
        changes = self.shared.changes(writer) if changes is None else changes
        self.channel.send(number, [changes, said], writer.parts, forever)


def forever(ready: poll) -> None:
    """Wait until the connection can be used."""
    while not ready.poll():
        pass


def attempt(action: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the action returns, or the description of what it raised."""
    try:
        return action(*arguments)
    except BaseException as error:
        return Failure.of(error)


def begin(settings: Settings) -> None:
    """Give this process the parent's settings; let Ctrl-C be the parent's, and end when the parent ends."""
    settings.restore()
    os.environ.pop(limits.SAFE_PATH, None)  # what the library starts has the user's surroundings
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    end_with_parent()


def main(descriptor: str, settings: str) -> None:
    """Serve until the harness hangs up; then end, with whatever threads and processes the library has left behind."""
    connection = socket.socket(fileno=int(descriptor))
    connection.set_inheritable(False)
    begin(Settings.of_word(settings))
    try:
        server = Server(connection)
        while True:
            server.serve()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        if os.getpid() == PROCESS == os.getpgrp():
            os.killpg(0, signal.SIGKILL)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
