"""A subject that runs in a process of its own, seen from the harness as any other subject."""

import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from parity.settle import Settings
from parity.subjects.contract import Group, Stopped, optimisers_of
from parity.subjects.process.child import Child, Ended, Overran
from parity.subjects.process.failure import Failure
from parity.subjects.process.limits import Limits
from parity.subjects.process.module import IsolatedModule, proxy_type
from parity.subjects.process.optimiser import IsolatedOptimiser

PATIENCE = 3  # cells of a module that may hang or hold too much memory; then the rest of its cells is not run

RUNNING: "weakref.WeakValueDictionary[int, Isolated]" = weakref.WeakValueDictionary()


def running(identity: int) -> "Isolated":
    """Return a subject of this process, for modules that are unpickled here."""
    return RUNNING[identity]


class Isolated:
    """A subject whose library is imported, built and called in a process of its own.

    A crash, a hang or too much memory raises Stopped; then every call of that cell does, until `begin` starts the next
    one in a new process. Raises ValueError, in one sentence, if the subject cannot be loaded.
    """

    composes = True  # networks are put together over there

    def __init__(self, source: str, limits: Limits | None = None, needed: Sequence[str] = ()) -> None:
        """Start the process of a subject; `needed` are modules of the suite of which functions will be applied."""
        self.source, self.needed = source, tuple(needed)
        self.limits = limits or Limits()
        self.settings = Settings.now()  # of every process that is started for it
        self.spent_seconds = 0.0
        self.stopped: Stopped | None = None
        self.overrun: Counter[str] = Counter()  # cells in which a module was stopped at a limit
        self.child: Child | None = None
        self.dropped: list[int] = []
        try:
            self.name, self.explains, self.operators, self.differentiates_twice = self.start()
        except Stopped as stopped:
            raise ValueError(str(stopped).splitlines()[0]) from None
        RUNNING[id(self)] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return running, (id(self),)

    def start(self) -> tuple[str, bool, bool, bool]:
        """Start the process; return the subject's name, and whether its errors explain, whether it has operators, and
        whether it differentiates twice."""
        self.refuse(self.source, "cells, the import was")
        try:
            self.child = Child(self.settings, self.limits)
        except Ended as ended:
            raise ValueError(f"the process of subject {self.source} {ended} before the library was imported") from None
        self.dropped = []
        reply = self.put("load", self.source, 0, self.limits.cell_seconds, (self.source, self.needed))
        if isinstance(reply, Failure):
            self.end()
            error = reply.error()
            said = str(error) if isinstance(error, ValueError) and str(error).startswith("subject ") else ""
            raise ValueError(said or f"subject {self.source} could not be loaded: {reply.name}: {error}")
        try:
            name, explains, operators, twice = reply
        except (TypeError, ValueError):
            raise ValueError(f"subject {self.source} says nothing of itself") from None
        return str(name), bool(explains), bool(operators), bool(twice)

    def begin(self) -> None:
        """Begin a cell: its time starts at 0, and what stopped the process in the last one is forgotten.

        A process that has ended since, or has spoken unasked, is not this cell's fault: a new one is taken.
        """
        self.spent_seconds, self.stopped = 0.0, None
        if self.child is not None and not self.child.idle:
            self.end()
        if self.child is not None:
            self.child.forget()

    def end(self) -> None:
        """End the process, if there is one, and all that it started."""
        if self.child is not None:
            self.child.end()
            self.child = None

    def refuse(self, module: str, what: str) -> None:
        """Raise Stopped, for this whole cell, where a module was stopped too often."""
        if self.stopped is None and self.overrun[module] >= PATIENCE:
            self.stopped = Stopped(f"not run, after {PATIENCE} {what} stopped at a limit")
        if self.stopped is not None:
            raise self.stopped

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> IsolatedModule:
        """Build a module in the process; the rest as Subject says. One that was stopped too often is not run again."""
        self.refuse(module, f"cells of {module} were")
        return self.module(module, self.ask("build", module, 0, module, dict(options), dict(parameters), device, dtype))

    @cached_property
    def optimisers(self) -> tuple[str, ...]:
        """The names of the optimisers that the subject has; none where it cannot say."""
        try:
            return tuple(map(str, self.apply("optimisers", optimisers_of)))
        except Stopped:
            return ()

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> IsolatedOptimiser:
        """Build an optimiser in the process, of pairs that both sides have from then on."""
        self.refuse(optimiser, f"cells of {optimiser} were")
        plain = [([tuple(pair) for pair in pairs], dict(options)) for pairs, options in groups]
        return self.held_optimiser(optimiser, self.ask("optimiser", optimiser, 0, optimiser, plain))

    def held_optimiser(self, name: str, number: int) -> IsolatedOptimiser:
        """Return the proxy of an optimiser that the worker holds under a number."""
        proxy = IsolatedOptimiser(self, name, number)
        weakref.finalize(proxy, self.dropped.append, number).atexit = False
        return proxy

    def apply(self, module: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have the process call a function of the suite with the subject itself; return what it returns, plain data."""
        return self.ask("apply", module, 0, function, *arguments)

    def module(self, name: str, held: tuple[int, list[str]]) -> IsolatedModule:
        """Return the proxy of a module that the worker holds under a number, with what it also shows."""
        number, shows = held
        proxy = proxy_type(*shows)(self, name, number)
        weakref.finalize(proxy, self.dropped.append, number).atexit = False
        return proxy

    def ask(self, action: str, module: str, number: int, *arguments: Any) -> Any:
        """Have the worker do something and return its reply; raise what the subject raised, or Stopped."""
        if self.stopped is not None:
            raise self.stopped
        if self.child is None:
            self.start()
        started = time.monotonic()
        try:
            reply = self.put(action, module, number, self.limits.cell_seconds - self.spent_seconds, arguments)
        finally:
            self.spent_seconds += time.monotonic() - started
        if isinstance(reply, Failure):
            raise reply.error()
        return reply

    def put(self, action: str, module: str, number: int, seconds: float, arguments: tuple[Any, ...]) -> Any:
        """Put a message to the process and return the reply; end the process and raise Stopped where there is none."""
        assert self.child is not None
        dropped, self.dropped[:] = tuple(self.dropped), ()
        self.child.bounds = self.limits
        try:
            return self.child.ask(action, number, (dropped, arguments), seconds)
        except Ended as ended:
            self.overrun[module] += isinstance(ended, Overran)
            what = f"{'the import' if action == 'load' else action} of {module}"
            self.stopped = Stopped(f"the subject's process {ended} in {what}{self.child.tail()}")
            self.end()
            raise self.stopped from None
