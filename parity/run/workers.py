"""Processes that share the work of a run: settled alike, and ended at once where the work is cut short."""

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from parity.settle import settle


def begin() -> None:
    """Make a worker ready; Ctrl-C is for the parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle()


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Give `count` processes; whatever is raised meanwhile ends them, the work that they are at with them."""
    pool = ProcessPoolExecutor(count, get_context("spawn"), begin)
    try:
        yield pool
    except BaseException:
        running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        raise
    pool.shutdown()
