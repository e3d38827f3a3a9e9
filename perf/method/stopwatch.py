"""Blocks and quads on the host's clock."""

import random
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Protocol

from perf.method.work import Work

BLOCK_SECONDS = 4e-4  # long against the clock's resolution and the call of it, short against drift
CALIBRATION = 7  # runs, of which the fastest counts
ABBA, BAAB = (0, 1, 1, 0), (1, 0, 0, 1)

Quad = tuple[float, float, float, float]  # seconds a run: subject, reference, subject, reference; pairs are neighbours


class Stopwatch(Protocol):
    """Times blocks of works; the host's is below, that of a device in perf.cuda."""

    def calibrate(self, works: Sequence[Work]) -> float:
        """Fix how many runs a block has; return the seconds that a quad takes."""

    def quad(self, works: Sequence[Work], order: tuple[int, ...]) -> Quad:
        """Time four blocks in `order` (0 the subject, 1 the reference)."""


def block(work: Work, runs: int) -> float:
    """Return the seconds that one of `runs` runs took."""
    work.clear()
    if work.before is not None:
        return sum(alone(work, work.before) for _ in range(runs)) / runs
    run, repeat = work.run, range(runs)
    started = perf_counter()
    for _ in repeat:
        run()
    return (perf_counter() - started) / runs


def alone(work: Work, before: Callable[[], object]) -> float:
    """Return the seconds of one run, without what comes before it."""
    before()
    started = perf_counter()
    work.run()
    return perf_counter() - started


def paired(times: Sequence[float], order: Sequence[int]) -> Quad:
    """Return times of blocks, in the order in which they ran, as pairs of neighbours: subject first."""
    (a, b, c, d) = times
    return (a, b, d, c) if order == ABBA else (b, a, c, d)


@dataclass
class HostStopwatch:
    """Times on the host: for works that are done when their call returns."""

    runs: int = 1
    block_seconds: float = BLOCK_SECONDS

    def calibrate(self, works: Sequence[Work]) -> float:
        times = []
        for work in works:
            once = block(work, 1)
            tries = CALIBRATION if once < 0.01 else 1
            times.append(min(block(work, 1) for _ in range(tries)))
        self.runs = max(1, round(self.block_seconds / (sum(times) / len(times))))
        return 2 * self.runs * sum(times)

    def quad(self, works: Sequence[Work], order: tuple[int, ...]) -> Quad:
        return paired([block(works[which], self.runs) for which in order], order)


def interruptions() -> int:
    """Return how often the system has taken the processor from this thread; 0 where it does not say."""
    thread = getattr(resource, "RUSAGE_THREAD", None)
    return 0 if thread is None else resource.getrusage(thread).ru_nivcsw


def drawn_order(chance: random.Random) -> tuple[int, ...]:
    """Return ABBA or BAAB."""
    return chance.choice((ABBA, BAAB))


def middle(quads: Sequence[Quad]) -> tuple[float, float]:
    """Return the median seconds a run of the subject and of the reference."""
    return median(t for q in quads for t in (q[0], q[2])), median(t for q in quads for t in (q[1], q[3]))
