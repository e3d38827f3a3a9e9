"""Chunks in place of those of a sweep: one ends its process every time, one the first time alone."""

import os
import time
from dataclasses import replace
from pathlib import Path

from parity.sweep.chunk import Errand
from reports.sweep.record import SweepChunk

ALWAYS, ONCE = 3, 5


def done(errand: Errand, number: int) -> SweepChunk:
    """Return an empty chunk; the errand's subject is a file that is written when a process ends for the first time."""
    first = Path(errand.word)
    if number == ALWAYS or (number == ONCE and not first.exists()):
        first.touch()
        os._exit(9)
    return empty(number)


def empty(number: int) -> SweepChunk:
    return SweepChunk(
        number=number, cells=0, seconds=0.0, cpu_seconds=0.0, megabytes=0.0, counts={}, errors={}, largest={}, met={},
        pairs={},
    )  # fmt: skip


def slow(_: Errand, number: int) -> SweepChunk:
    """Take a while for an empty chunk."""
    time.sleep(0.5)
    return empty(number)


def of_process(_: Errand, number: int) -> SweepChunk:
    """Say by its cells which process did a chunk."""
    return replace(empty(number), cells=os.getpid())
