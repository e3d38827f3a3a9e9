"""What a run takes of memory.

peak   the largest sum of bytes that torch's allocator had given out during one run, above what it had at its start: the
       profiler sees every allocation of it, those inside a kernel too; a library's own malloc it does not see
saved  bytes of what forward keeps for backward, each storage once, inputs and parameters among it, on both sides
"""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from perf.method.work import Work
from perf.physics.traffic import storages


def peak_bytes(work: Work, device: str = "cpu") -> int:
    """Return the peak of one run, warm."""
    work.once()
    work.clear()
    if work.before is not None:
        work.before()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        kept = work.run()
        del kept
        return int(torch.cuda.max_memory_allocated() - before)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        kept = work.run()
        del kept
    with TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        seen.export_chrome_trace(str(trace))
        return highest(allocations(json.loads(trace.read_text(encoding="utf-8", errors="replace"))))


def allocations(trace: dict[str, Any]) -> Iterable[int]:
    """Return what was allocated, in bytes, and freed, as negative ones, in the order of time."""
    events = [event for event in trace["traceEvents"] if event.get("name") == "[memory]"]
    return [int(event["args"]["Bytes"]) for event in sorted(events, key=lambda event: float(event["ts"]))]


def highest(changes: Iterable[int]) -> int:
    """Return the largest running sum, and never less than 0."""
    level = most = 0
    for change in changes:
        level += change
        most = max(most, level)
    return most


def saved_bytes(work: Work) -> int | None:
    """Return what a subject's forward keeps, as it shows it; None where it does not."""
    if work.saved is None:
        return None
    work.run()
    return sum(storages(work.saved()).values())


def autograd_saved_bytes(work: Work) -> int:
    """Return what a forward of torch keeps for autograd."""
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        held = work.run()
    total = sum(storages(kept).values())
    del held
    return total
