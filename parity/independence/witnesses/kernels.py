"""The second witness: torch's profiler, which sees what a dispatch trace cannot.

Its hooks lie below the dispatcher's modes: it sees operations in every thread, inside composite and scripted functions,
under a mode that was switched off, and the nodes that the autograd engine evaluates. A call of the subject is marked
where it begins and ends, so that what the suite itself asks of torch between two calls is not the subject's.
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from operator import itemgetter
from typing import Any

import torch
from torch._C._profiler import _ExperimentalConfig, _RecordFunctionFast
from torch.autograd.profiler import profile

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else the profiler writes a line to standard error at each start
MARK = "gradparity: "


def called(phase: str) -> AbstractContextManager[Any]:
    """Mark a call of the subject, e.g. "forward": no operation, so that no trace shows it."""
    return _RecordFunctionFast(f"{MARK}{phase}")


class Kernels:
    """What a profile showed: each operator, with the call of the subject in which it was seen first."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}  # namespace::name, or the name of any other event -> phase

    def take(self, events: list[Any]) -> None:
        """Enter the events that lie within the marked calls, of whatever thread."""
        spans = sorted(((one.start_ns(), one.end_ns(), one.name()) for one in events), key=itemgetter(0))
        calls = [(start, end, name.removeprefix(MARK)) for start, end, name in spans if name.startswith(MARK)]
        starts = [start for start, _, _ in calls]
        for start, _, name in spans:  # the outermost first
            at = bisect_right(starts, start) - 1
            if at >= 0 and start <= calls[at][1] and not name.startswith(MARK):
                self.seen.setdefault(name, calls[at][2])


@contextmanager
def profiled(take: Callable[[Any], None], with_stack: bool = False) -> Iterator[None]:
    """Give to `take` what the profiler found meanwhile, of every thread."""
    everywhere = _ExperimentalConfig(profile_all_threads=True)
    # Not torch.profiler's, which imports the compiler at its first start: that takes a second or two.
    profiler = profile(use_cpu=True, use_kineto=True, with_stack=with_stack, experimental_config=everywhere)
    try:
        with profiler:
            # A flag for Python alone, which a subject could read.
            torch.autograd.profiler._set_is_profiler_enabled(False)
            yield
    finally:
        if profiler.kineto_results:
            take(profiler.kineto_results)


@contextmanager
def listed(kernels: Kernels) -> Iterator[None]:
    """Enter in `kernels` what the marked calls meanwhile ask of torch."""
    with profiled(lambda results: kernels.take(results.events())):
        yield
