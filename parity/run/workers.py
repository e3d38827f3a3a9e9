"""Processes that share the work of a run: settled in the same way, and ended at once if the work is cut short."""

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from parity.settle import end_with_parent, settle

Item = TypeVar("Item")
Result = TypeVar("Result")


def pool_of(processes: int) -> ProcessPoolExecutor:
    """Return processes that are settled, and end with this one."""
    return ProcessPoolExecutor(processes, get_context("spawn"), begin)


def begin() -> None:
    end_with_parent()
    settle()


def end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once, and the work that they are doing."""
    running = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.terminate()


@contextmanager
def shared(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Iterator[tuple[Item, Future[Result]]]]:
    """Give every item with the function's result, in the order in which they are done.

    An exception meanwhile ends the processes and the work that they are doing.
    """
    pool = pool_of(processes)
    try:
        with deaf():
            futures = {pool.submit(function, item): item for item in items}
        yield ((futures[future], future) for future in as_completed(futures))
    except BaseException:
        end(pool)
        raise
    pool.shutdown()


@contextmanager
def deaf() -> Iterator[None]:
    """Let Ctrl-C wait: processes that are started meanwhile never receive it, since the parent answers it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
