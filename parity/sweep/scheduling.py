"""Who does the chunks: processes of this machine, or the workers of a cluster of dask.

Few chunks are given out at a time, and none is remembered when it is done: a sweep of any length holds as much memory.
A chunk whose worker died is given out again, alone, and is lost where that happens every time.
"""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from itertools import islice
from typing import Any

from parity.run.workers import deaf, end, pool_of
from parity.sweep.chunk import Errand, done
from reports.sweep.record import SweepChunk

AHEAD = 2  # chunks given out for every worker
TICK = 1.0  # seconds after which a wait says that nothing came, so that time may be looked at
ATTEMPTS = 3  # of a chunk
# Chunks after which processes are begun anew: torch's convolutions keep some 100 kB of every shape that they ever met.
RENEWED = 40

Done = tuple[int, SweepChunk | Exception]
Ticks = Generator[Done | None]  # None where nothing came for a while


def locally(errand: Errand, numbers: Iterable[int], jobs: int) -> Ticks:
    """Yield every chunk as it is done by one of `jobs` processes, or the exception in which it ended."""
    every = iter(numbers)
    while some := list(islice(every, RENEWED * jobs)):
        left, broken = iter(some), [-1]
        while broken:
            broken.clear()
            yield from in_pool(errand, left, jobs, broken)
            for number in broken:
                yield number, alone(errand, number)


def in_pool(errand: Errand, left: Iterator[int], jobs: int, broken: list[int]) -> Ticks:
    """Yield chunks until none is left, or a process dies: `broken` then has those that were given out."""
    pool, waiting = pool_of(jobs), dict[Future[SweepChunk], int]()
    try:
        while True:
            for number in islice(left, AHEAD * jobs - len(waiting)):
                broken.append(number)  # until it is known that it was given out
                with deaf():
                    waiting[pool.submit(done, errand, number)] = number
                broken.pop()
            if not waiting:
                return
            finished = wait(waiting, TICK, FIRST_COMPLETED).done
            if not finished:
                yield None
            for future in finished:
                found = outcome(future)
                if isinstance(found, BrokenProcessPool):
                    raise found
                yield waiting.pop(future), found
    except BrokenProcessPool:
        broken += waiting.values()
    finally:
        end(pool)


def alone(errand: Errand, number: int) -> SweepChunk | Exception:
    """Return a chunk that was given out when a process died, done in a process of its own: it may be what ends it."""
    found: SweepChunk | Exception = BrokenProcessPool()
    for _ in range(ATTEMPTS):
        pool = pool_of(1)
        try:
            with deaf():
                future = pool.submit(done, errand, number)
            found = outcome(future)
        finally:
            end(pool)
        if not isinstance(found, BrokenProcessPool):
            break
    return found


def outcome(future: Future[SweepChunk]) -> SweepChunk | Exception:
    try:
        return future.result()
    except Exception as error:
        return error


def by_dask(errand: Errand, numbers: Iterable[int], address: str) -> Ticks:
    """Yield every chunk as it is done by a worker of the cluster whose scheduler has this address.

    Workers must have one thread each, since torch's settings are those of a process, and find the suite and the file of
    the subject. A chunk of a worker that is lost goes to another one. Raises ValueError, in one sentence, where dask is
    not installed, or nothing answers at the address.
    """
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError:
        raise ValueError("--scheduler needs dask: pip install 'gradparity[cluster]'") from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ValueError(f"--scheduler must be the address of a scheduler of dask, was {address!r}: {error}") from None
    with client:
        known = client.scheduler_info()["workers"].values()
        if any(worker["nthreads"] != 1 for worker in known):
            raise ValueError("--scheduler: every worker must have one thread (dask worker --nthreads 1)")
        left, workers = iter(numbers), max(1, len(known))
        waiting: dict[Any, int] = {}
        while True:
            for number in islice(left, AHEAD * workers - len(waiting)):
                waiting[client.submit(done, errand, number, pure=False, retries=ATTEMPTS - 1)] = number
            if not waiting:
                return
            try:
                finished = distributed.wait(list(waiting), TICK, "FIRST_COMPLETED").done
            except TimeoutError:
                yield None
                continue
            for future in finished:
                yield waiting.pop(future), outcome(future)
