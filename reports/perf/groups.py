"""One number a group: the geometric mean of the ratios of rows that belong together, with its interval.

Groups are told by a row's case: the tensor of the papers, the tiny inputs of paper 004, sizes of practice; a training
step is a group by its mode. Each mode, device and number of threads stands alone.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, readings, table
from reports.perf.record import TIMED, RowFinding, TimeRatio
from reports.text import safe

GROUPS = ("papers", "tiny", "practice", "steps")
CASES = {"papers": "papers", "paper-004-tiny": "tiny"}  # every other is a size of practice
STEP = "step"


@dataclass(frozen=True)
class RowGroup:
    """Rows of one kind of size in one mode, and the geometric mean of their ratios."""

    name: str
    mode: str
    device: str
    threads: int
    ratios: tuple[TimeRatio, ...]

    @property
    def mean(self) -> TimeRatio:
        """The geometric mean, and the interval that the rows' own give it, their errors taken as independent.

        In logarithms the half-width of a mean of n is the root of the sum of the squared half-widths, over n.
        """
        count = len(self.ratios)
        logs = [(math.log(one.ratio), logarithm(one.low), logarithm(one.high)) for one in self.ratios]
        middle = sum(at for at, _, _ in logs) / count
        below = math.sqrt(sum((at - low) ** 2 for at, low, _ in logs)) / count
        above = math.sqrt(sum((high - at) ** 2 for at, _, high in logs)) / count
        return TimeRatio(ratio=math.exp(middle), low=math.exp(middle - below), high=math.exp(middle + above))

    @property
    def worst(self) -> TimeRatio:
        return max(self.ratios, key=lambda one: one.ratio)


def logarithm(bound: float) -> float:
    return math.log(bound) if bound > 0 else -math.inf


def group_of(row: RowFinding) -> str:
    """Return the name of the group that a row belongs to."""
    return "steps" if row.mode == STEP else CASES.get(row.case, "practice")


def groups(rows: Sequence[RowFinding]) -> Iterator[RowGroup]:
    """Yield the groups of the rows whose time counts: by name, then by mode in the order of the rows."""
    kinds: dict[tuple[str, str, str, int], list[TimeRatio]] = {}
    for row in rows:
        if row.time is not None and row.verdict in TIMED:
            kinds.setdefault((group_of(row), row.mode, row.device, row.threads), []).append(row.time)
    for kind in sorted(kinds, key=lambda kind: (GROUPS.index(kind[0]), kind[3], kind[2])):
        yield RowGroup(*kind, tuple(kinds[kind]))


MEAN: Column[RowGroup] = Column(
    "geometric mean [low, high]",
    lambda group: between(group.mean),
    RIGHT,
    "Of the ratios of the group's rows, with the 95 % interval that follows from theirs. It says how well the mean of "
    "these rows on this machine is known, not how far other modules may lie from it.",
)
COLUMNS: Sequence[Column[RowGroup]] = (
    Column("group", lambda group: group.name),
    Column("mode", lambda group: safe(group.mode)),
    Column("device", lambda group: safe(group.device)),
    Column("threads", lambda group: str(group.threads), RIGHT),
    Column("rows", lambda group: str(len(group.ratios)), RIGHT),
    MEAN,
    Column("worst row [low, high]", lambda group: between(group.worst), RIGHT),
)


def between(time: TimeRatio) -> str:
    return f"{time.ratio:.3f} [{time.low:.3f}, {time.high:.3f}]"


def section(rows: Sequence[RowFinding]) -> str:
    """Return the table of the groups and how to read it."""
    found = list(groups(rows))
    return f"{table(COLUMNS, found)}\n\n{readings(MEAN)}" if found else "No row was timed."
