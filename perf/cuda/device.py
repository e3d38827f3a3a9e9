"""What the stopwatch needs of a device, and torch.cuda as such a device."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

import torch

SPIN_HERTZ = 2e9  # cycles of a spin a second; no multiprocessor is faster by much, and a slower one spins longer


class Device(Protocol):
    """A device with a queue: everything but `synchronize` returns before it is done."""

    def event(self) -> Any:
        """Return a mark put into the queue: when it is passed, its time is noted."""

    def elapsed(self, start: Any, end: Any) -> float:
        """Return the seconds between two marks that were passed."""

    def spin(self, seconds: float) -> None:
        """Keep the device busy for so long, while what follows is queued: the host's launches are then not timed."""

    def flush(self) -> None:
        """Overwrite the second-level cache."""

    def synchronize(self) -> None:
        """Wait until everything queued is done."""

    def captured(self, run: Callable[[], object]) -> Callable[[], object]:
        """Return `run` as a graph that replays it; raise RuntimeError where it cannot be captured."""

    def clock_mhz(self) -> float | None:
        """Return the clock of the multiprocessors now; None where the driver's library is not at hand."""


def flush_bytes(cache: int) -> int:
    """Return how much to write so that nothing of a cache of `cache` bytes stays: twice that, in whole MiB, one at
    least."""
    return max(1, -(-2 * cache // 2**20)) * 2**20


class CudaDevice:
    """The current CUDA device."""

    cuda: Any = torch.cuda  # torch leaves much of it untyped

    def __init__(self) -> None:
        cache = torch.cuda.get_device_properties(torch.cuda.current_device()).L2_cache_size
        self.flushed = torch.empty(flush_bytes(cache), dtype=torch.int8, device="cuda")

    def event(self) -> Any:
        mark = self.cuda.Event(enable_timing=True)
        mark.record()
        return mark

    def elapsed(self, start: Any, end: Any) -> float:
        return float(start.elapsed_time(end)) / 1e3

    def spin(self, seconds: float) -> None:
        self.cuda._sleep(round(seconds * SPIN_HERTZ))

    def flush(self) -> None:
        self.flushed.zero_()

    def synchronize(self) -> None:
        torch.cuda.synchronize()

    def captured(self, run: Callable[[], object]) -> Callable[[], object]:
        aside = self.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                run()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            run()
        return graph.replay

    def clock_mhz(self) -> float | None:
        try:
            nvml = import_module("pynvml")
            nvml.nvmlInit()
            handle = nvml.nvmlDeviceGetHandleByIndex(torch.cuda.current_device())
            return float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM))
        except Exception:  # a missing or refusing library of the driver leaves the clock unknown, no more
            return None
