"""Where the subject asked for an operator: file, line and call, from a profile that also keeps Python's stack."""

import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from parity.independence.witnesses.kernels import MARK, profiled

ROOT = Path(__file__).parents[3]
# Of files whose lines are not the subject's. The profiler names files below an entry of sys.path without that entry.
OTHERS = (
    "torch/",
    "parity/",
    "<",
    str(Path(torch.__file__).parent),
    str(ROOT / "parity"),
    sysconfig.get_paths()["stdlib"],
)
AUDIT = ("parity/independence/", str(ROOT / "parity/independence"))
STANDARD = ("threading.py", "contextlib.py", "concurrent/", "asyncio/", "functools.py", "queue.py")


def found(run: Callable[[], object], operators: Iterable[str]) -> dict[str, str]:
    """Return, by operator, "forward, mylib.py:12, in name of function", as a run under the profiler shows it.

    An operator that this run does not call, or no line of a file calls, is left out.
    """
    wanted, places = set(operators), dict[str, str]()
    with profiled(lambda results: search(results.experimental_event_tree(), wanted, places), with_stack=True):
        run()
    return places


def search(roots: Sequence[Any], wanted: set[str], places: dict[str, str]) -> None:
    """Enter the place of each operator that is wanted and lies in a marked call, the first that is found."""
    every = [event for root in roots for event in below(root)]
    marks = [event for event in every if event.name.startswith(MARK)]
    for event in every:
        if event.name in wanted and event.name not in places:
            for mark in marks:
                if lasts(mark, event.start_time_ns):
                    where = line(above(event)) or line(meanwhile(every, mark.start_tid, event.start_time_ns))
                    places[event.name] = ", ".join(filter(None, (mark.name.removeprefix(MARK), where)))


def lasts(event: Any, at: int) -> bool:
    """Return whether an event goes on at this time."""
    return bool(event.start_time_ns <= at <= event.end_time_ns)


def below(event: Any) -> Iterator[Any]:
    waiting = [event]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.children)


def above(event: Any) -> Iterator[Any]:
    """Yield the events in which this one lies, the nearest first."""
    while event.parent is not None:
        event = event.parent
        yield event


def meanwhile(every: Iterable[Any], thread: int, at: int) -> list[Any]:
    """Return what goes on in a thread at this time, the innermost first: there the caller waits for one of its own."""
    inside = [one for one in every if one.start_tid == thread and lasts(one, at)]
    return sorted(inside, key=lambda one: -one.start_time_ns)


def line(path: Iterable[Any]) -> str:
    """Return the nearest line of the subject's own, as file:line in function; empty if there is none."""
    for one in path:
        caller = getattr(one.extra_fields, "caller", None)
        if caller is not None and caller.file_name.startswith(AUDIT):
            site = one.extra_fields.callsite  # a function of the subject that the suite called: its first line is known
            return "" if is_others(site.file_name) else said(site)
        if caller is not None and not is_others(caller.file_name):
            return said(caller)
    return ""


def is_others(file: str) -> bool:
    return file.startswith((*OTHERS, *STANDARD))


def said(frame: Any) -> str:
    return f"{frame.file_name}:{frame.line_number}, in {frame.function_name}"
