"""Two sides timed against each other: rebuilt repeatedly until the interval of their ratio is narrow.

Source  Kalibera & Jones 2013: repeat at the level where variation arises, here the building of the module (two alike
        modules differ lastingly by some tenths of a per cent, by where they lie in memory). Bulej et al. 2020: ratios
        of what ran at the same time.
"""

import gc
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import torch

from perf.method.stopwatch import HostStopwatch, Quad, Stopwatch, drawn_order, interruptions, middle
from perf.method.work import Side, Work
from perf.statistics.interval import Interval, interval
from perf.statistics.looks import Stopping

REBUILD_SECONDS = 0.04  # of quads in a rebuild at least; and as long as the building took, which is then half the time
LEAST_WHOLE = 3  # uninterrupted quads that make a median of their own
LEAST_QUADS = 6  # in a rebuild, where the row's time allows: a median of fewer is at the mercy of one preemption
SHARE_OF_CAP = 1 / 10  # of a row's time for the quads of one rebuild, so that the least number of rebuilds fits in
PADDING = 200_000  # elements at most, allocated before a side is built, so that it lies elsewhere in memory
WARM_RUNS = 2


@dataclass
class Duel:
    """What two sides gave: quads by rebuild, in seconds a run."""

    runs: int = 1
    rebuilds: list[list[Quad]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def log_ratios(self) -> list[float]:
        """A value a rebuild: the median over its quads of the mean of their two log ratios."""
        return [median(log_ratio(quad) for quad in quads) for quads in self.rebuilds]

    @property
    def interval(self) -> Interval:
        """The ratio of subject to reference."""
        return interval(self.log_ratios)

    @property
    def medians(self) -> tuple[float, float]:
        """Seconds a run of the subject and of the reference."""
        return middle([quad for quads in self.rebuilds for quad in quads])

    @property
    def blocks(self) -> tuple[list[float], list[float]]:
        """Every block of the subject and of the reference, in seconds a run."""
        quads = [quad for quads in self.rebuilds for quad in quads]
        return [t for q in quads for t in (q[0], q[2])], [t for q in quads for t in (q[1], q[3])]


def log_ratio(quad: Quad) -> float:
    """Return the mean of the two log ratios of a quad."""
    return (math.log(quad[0] / quad[1]) + math.log(quad[2] / quad[3])) / 2


@contextmanager
def undisturbed() -> Iterator[None]:
    """Collect garbage, then none while timing."""
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def built(sides: Sequence[Side], chance: random.Random, padding: list[torch.Tensor]) -> list[Work]:
    """Build every side again, in random order, each after a padding of random size that `padding` keeps alive."""
    works: dict[int, Work] = {}
    for which in chance.sample(range(len(sides)), len(sides)):
        padding.append(torch.empty(chance.randrange(1, PADDING)))
        works[which] = sides[which].make()
    return [works[which] for which in range(len(sides))]


def warmed(works: Sequence[Work]) -> None:
    for work in works:
        for _ in range(WARM_RUNS):
            work.once()
        work.clear()


def quads_of(works: Sequence[Work], watch: Stopwatch, chance: random.Random, count: int, span: float) -> list[Quad]:
    """Return at least `count` quads, and more until `span` seconds are over; where enough of them were not interrupted
    by the system, only those. A quad is dropped whole, so neither side gains by it."""
    every: list[Quad] = []
    whole: list[Quad] = []
    ends = perf_counter() + span
    while len(every) < count or perf_counter() < ends:
        before = interruptions()
        every.append(watch.quad(works, drawn_order(chance)))
        if interruptions() == before:
            whole.append(every[-1])
    return whole if len(whole) >= min(count, LEAST_WHOLE) else every


def duel(
    subject: Side,
    reference: Side,
    stopping: Stopping | None = None,
    watch: Stopwatch | None = None,
    chance: random.Random | None = None,
) -> Duel:
    """Time two sides against each other until `stopping` ends it."""
    stopping, watch, chance = stopping or Stopping(), watch or HostStopwatch(), chance or random.Random()
    started, times = perf_counter(), Duel()
    with undisturbed():
        works = built((subject, reference), chance, [])
        warmed(works)
        quad_seconds = watch.calibrate(works)
        most = stopping.seconds * SHARE_OF_CAP
        count = max(1, min(LEAST_QUADS, int(most / quad_seconds)))
        while not stopping.ends(times.log_ratios, perf_counter() - started):
            begun, padding = perf_counter(), list[torch.Tensor]()
            works = built((subject, reference), chance, padding)
            warmed(works)
            span = min(most, max(REBUILD_SECONDS, perf_counter() - begun))
            times.rebuilds.append(quads_of(works, watch, chance, count, span))
    times.runs = getattr(watch, "runs", 1)
    times.seconds = perf_counter() - started
    return times
