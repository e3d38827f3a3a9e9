"""How long a cell may take in the subject's process, and how much memory that process may hold."""

from dataclasses import dataclass
from pathlib import Path

GIBIBYTE = 2**30
PAGE_BYTES = 4096


@dataclass(frozen=True)
class Limits:
    """What one cell may cost.

    cell_seconds   of waiting for the subject, over all calls of one cell
    memory_gib     resident memory of the process, its libraries included (watched where there is a /proc)
    start_seconds  until the library is imported
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
