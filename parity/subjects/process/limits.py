"""How long a cell may take in the subject's process, how much memory it may hold, and which processes belong to it."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GIBIBYTE = 2**30
PAGE_BYTES = 4096
MARK = "GRADPARITY_PROCESS"  # in the environment of a subject's process, and so of every process that it starts
SAFE_PATH = "PYTHONSAFEPATH"  # with it the current folder hides nothing from a process that starts
ROUNDS = 10  # of looking for processes that were started while others were ended


@dataclass(frozen=True)
class Limits:
    """What one cell may cost.

    cell_seconds   of waiting for the subject, over all calls of one cell; also of the import of the library
    memory_gib     resident memory of the process and its children, libraries included (watched where there is a /proc)
    start_seconds  until the suite's own part of the process is ready
    """

    cell_seconds: float = 60.0
    memory_gib: float = 4.0
    start_seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.cell_seconds <= 0:
            raise ValueError(f"--cell-seconds must be above 0, was {self.cell_seconds:g}")
        if self.memory_gib <= 0:
            raise ValueError(f"--cell-memory must be above 0 GiB, was {self.memory_gib:g}")


def resident_gib(process: int) -> float:
    """Return the resident memory of a process; 0 where the system does not show it, or the process has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * PAGE_BYTES / GIBIBYTE


def own_gib(process: int) -> float:
    """Return the memory of a process, of shared pages its share: what a fork adds, not what it has in common."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        (kibibytes,) = (line.split()[1] for line in lines if line.startswith("Pss:"))
    except (OSError, ValueError):
        return resident_gib(process)
    return int(kibibytes) * 1024 / GIBIBYTE


def marked(mark: str) -> list[int]:
    """Return the processes that bear a mark: a subject's process and those that it started; none without a /proc."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def end_all(leader: int, mark: str) -> None:
    """End the process group of a subject's process, and whatever left the group but bears the mark."""
    for _ in range(ROUNDS):
        left = [process for process in marked(mark) if process != leader]
        with suppress(OSError):  # the group has ended
            os.killpg(leader, signal.SIGKILL)
        for process in left:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        if not left:
            return
