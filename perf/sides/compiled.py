"""Torch's side compiled by torch.compile, where that runs: it needs a C++ compiler, and time."""

import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from torch import Tensor

from perf.method.work import Side
from perf.sides.modules import Given, reference_side

NAME = "torch.compile"


class TooLongError(Exception):
    """Raised where a compilation takes longer than it may."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLongError once `seconds` are over; in the main thread, on systems with alarms."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"took longer than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def compiled(module: torch.nn.Module) -> Callable[..., Tensor]:
    """Return the module compiled for the very shapes that it meets."""
    call: Callable[..., Tensor] = torch.compile(module, dynamic=False)
    return call


def side(given: Given, mode: str, seconds: float) -> Side:
    """Return the compiled side, compiled already; raise RuntimeError, in one sentence, where that fails."""
    torch.compiler.reset()
    fast = reference_side(given, mode, compiled, NAME)
    try:
        with warnings.catch_warnings(), within(seconds):
            warnings.simplefilter("ignore")  # of torch's own code, about itself
            fast.make().outcome()
            fast.make().run()
    except Exception as error:  # whatever a compiler may raise
        raise RuntimeError(f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120]}") from error
    return fast
