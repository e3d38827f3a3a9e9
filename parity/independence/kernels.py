"""The second witness: torch's profiler, which sees what a dispatch trace cannot.

Its hooks lie below the dispatcher's modes: it sees operations in every thread, inside composite and scripted functions,
under a mode that was switched off, and the nodes that the autograd engine evaluates.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch._C._profiler import _ExperimentalConfig
from torch.profiler import ProfilerActivity, profile

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else the profiler writes a line to standard error at each start


@contextmanager
def listed(events: set[str]) -> Iterator[None]:
    """Add to `events` the name of every event in every thread: namespace::name where it is an operator."""
    everywhere = _ExperimentalConfig(profile_all_threads=True)
    profiler = profile(activities=[ProfilerActivity.CPU], experimental_config=everywhere, acc_events=False)
    try:
        with profiler:
            torch.autograd.profiler._set_is_profiler_enabled(
                False
            )  # a flag for Python alone, which a subject could read
            yield
    finally:
        results = profiler.profiler and profiler.profiler.kineto_results
        events.update(event.name() for event in results.events()) if results else None
