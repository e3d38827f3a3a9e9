"""What this machine reaches, measured once a run, on as many threads as the rows: the better of a copy and a sum for
bytes, at several sizes since caches differ; the better of a matrix product and a convolution for operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import torch

LADDER = tuple(2**power for power in (14, 16, 18, 20, 22, 24, 26))  # elements of float32: 64 KiB to 256 MiB
NEAR = 8  # a working set is held against steps from an eighth of it on: a run may go by parts that a cache holds
SQUARE = 1024
IMAGES, CHANNELS, EXTENT = 4, 128, 56
TRIES = 20
IMPOSSIBLE = 1.05  # of a ceiling: more than measuring it can be off by


@dataclass(frozen=True)
class Ceiling:
    """bytes_per_second: by working set in bytes. flops_per_second: of products in float32."""

    bytes_per_second: Mapping[int, float]
    flops_per_second: float

    def bandwidth(self, working_set: int) -> float:
        """Return the best rate at sizes near a working set."""
        near = [rate for size, rate in self.bytes_per_second.items() if size / NEAR <= working_set <= size * NEAR]
        ends = min(self.bytes_per_second), max(self.bytes_per_second)
        return max(near) if near else self.bytes_per_second[ends[working_set > ends[0]]]


@dataclass(frozen=True)
class Share:
    """The rate of a side in bytes or operations a second, and its share of the ceiling of that kind."""

    unit: str  # GB/s or GFLOP/s: the one with the larger share
    rate: float
    share: float

    @property
    def impossible(self) -> bool:
        """Whether no machine like this one does that."""
        return self.share > IMPOSSIBLE


def share(bytes_moved: int, operations: int, seconds: float, ceiling: Ceiling) -> Share | None:
    """Return how close a side comes to its nearest ceiling; None where nothing is known to be moved or computed."""
    shares = []
    if bytes_moved:
        rate = bytes_moved / seconds
        shares.append(Share("GB/s", rate / 1e9, rate / ceiling.bandwidth(bytes_moved)))
    if operations:
        rate = operations / seconds
        shares.append(Share("GFLOP/s", rate / 1e9, rate / ceiling.flops_per_second))
    return max(shares, key=lambda one: one.share, default=None)


Seconds = Callable[[Callable[[], object]], float]  # of a run, at its fastest


def on_host(run: Callable[[], object]) -> float:
    """Return the least seconds of a run, over blocks of several runs for what is short."""
    run()
    started = perf_counter()
    run()
    runs = max(1, int(2e-4 / (perf_counter() - started)))
    best = float("inf")
    for _ in range(TRIES):
        started = perf_counter()
        for _ in range(runs):
            run()
        best = min(best, (perf_counter() - started) / runs)
    return best


def measure(device: str = "cpu", seconds: Seconds = on_host) -> Ceiling:
    """Measure the ceilings of a device; takes two or three seconds on a processor.

    seconds  times a run as the rows are timed: a ceiling that holds launches too is one that a row goes above
    """
    rates = {}
    for count in LADDER:
        source, target = (torch.ones(count, device=device) for _ in range(2))
        size = 4 * count
        rates[2 * size] = max(2 * size / seconds(partial(target.copy_, source)), size / seconds(source.sum))
    return Ceiling(rates, products(device, seconds))


def products(device: str, seconds: Seconds) -> float:
    """Return operations a second of the better of a matrix product and a convolution."""
    a, b = (torch.randn(SQUARE, SQUARE, device=device) for _ in range(2))
    images = torch.randn(IMAGES, CHANNELS, EXTENT, EXTENT, device=device)
    kernels = torch.randn(CHANNELS, CHANNELS, 3, 3, device=device)
    product = 2 * SQUARE**3 / seconds(lambda: a @ b)
    convolved = 2 * IMAGES * EXTENT**2 * CHANNELS**2 * 9
    return max(product, convolved / seconds(lambda: torch.conv2d(images, kernels, padding=1)))
