"""Processes that share the work of a run: settled alike, and ended at once where the work is cut short."""

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from parity.settle import settle

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def shared(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Iterator[tuple[Item, Future[Result]]]]:
    """Give every item with what the function came to, in the order in which they are done.

    Whatever is raised meanwhile ends the processes, and the work that they are at with them.
    """
    pool = ProcessPoolExecutor(processes, get_context("spawn"), settle)
    try:
        with deaf():
            futures = {pool.submit(function, item): item for item in items}
        yield ((futures[future], future) for future in as_completed(futures))
    except BaseException:
        running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        raise
    pool.shutdown()


@contextmanager
def deaf() -> Iterator[None]:
    """Let Ctrl-C wait: processes that are started meanwhile never hear it, for it is the parent's to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
