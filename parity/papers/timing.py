"""Time of a training step and of a forward call, both sides in turn: coarse figures; `make bench` has fine ones."""

import math
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.papers import ours, theirs
from parity.papers.data import material
from parity.papers.lockstep import Steps, feed
from parity.papers.paper_004 import ROWS, SHAPE
from parity.papers.setting import Setting
from parity.papers.statistics import compare
from parity.subjects.framework import construct
from reports.papers_record import Timing

QUADS = 15
# Table III, microseconds a forward call: theirs, PyTorch's.
TABLE_III = {
    "ReLU": (17.8, 4.5),
    "Sigmoid": (35.8, 3.2),
    "MSELoss": (25.8, 44.2),
    "Conv2d": (121.8, 48.4),
    "Upsampling": (353.9, 73.3),
}


def seconds(work: Callable[[], object], calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - started) / calls


def paired(
    subject: Callable[[], object], reference: Callable[[], object], least: float, quads: int
) -> tuple[float, float, float, float, float]:
    """Return medians of seconds a call, and the ratio with its interval, from blocks in the order ABBA.

    least  seconds that a block takes, about
    """
    calls = max(1, math.ceil(least / max(seconds(reference, 3), 1e-7)))
    a: list[float] = []
    b: list[float] = []
    for _ in range(quads):
        for side, taken in ((subject, a), (reference, b), (reference, b), (subject, a)):
            taken.append(seconds(side, calls))
    pairs = [math.log(x) for x in map(sum, zip(a[::2], a[1::2], strict=True))]
    others = [math.log(x) for x in map(sum, zip(b[::2], b[1::2], strict=True))]
    found = compare(pairs, others)
    return median(a), median(b), math.exp(found.effect), math.exp(found.low), math.exp(found.high)


def training(setting: Setting, quads: int = QUADS) -> Timing:
    """Time the training steps of a network."""
    start, found = ours.initial(setting, 0), material(setting, 0)
    batches = list(islice(feed(setting, found, 0), 4))

    def steps(side: Steps) -> Callable[[], object]:
        return lambda: [side.step(batch.x, batch.t) for batch in batches]

    sides = (made(setting, start, "cpu", torch.float32) for made in (ours.Stepper, theirs.Stepper))
    mine, other, ratio, low, high = paired(steps(next(sides)), steps(next(sides)), 0.01, quads)
    each = 1e3 / len(batches)
    return Timing(
        setting.paper, f"{setting.name}, a step", "ms", 2 * quads, mine * each, other * each, ratio, low, high
    )


def forward_calls(quads: int = QUADS) -> Iterator[Timing]:
    """Time the forward calls of Table III, nearest neighbours and convolution together on both sides."""
    x, t = torch.randn(SHAPE), torch.randn(SHAPE)
    for row in ROWS:
        mine: Any = construct(row.module, row.options)
        other: Any = pages()[row.module].reference(**row.options)
        inputs = (x, t) if row.target else (x,)
        calls = bound(mine, inputs), bound(other, inputs)
        us, reference, ratio, low, high = paired(calls[0], calls[1], 0.002, quads)
        printed = "{:g} / {:g}".format(*TABLE_III[row.module])
        yield Timing(
            "004", f"{row.module}, Table III", "µs", 2 * quads, us * 1e6, reference * 1e6, ratio, low, high, printed
        )


def bound(module: Any, inputs: tuple[Tensor, ...]) -> Callable[[], object]:
    def call() -> object:
        with torch.no_grad():
            return module(*inputs)

    return call
