"""Times on the page: a forest plot as a table, a strip a row, so that the figures stand beside what is drawn."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.perf.columns import GLYPHS, module
from reports.perf.groups import GROUPS, RowGroup, group_of, groups
from reports.perf.reading import Timed
from reports.perf.record import TIMED, RowFinding, TimeRatio
from reports.reading import grouped
from reports.text import one_line

WIDTH = 320  # of a strip, in its own units
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
ROOM = 1.12  # beyond the outermost interval
NAMES = {
    "papers": "Tensors of the papers",
    "tiny": "Tiny inputs of paper 004",
    "practice": "Sizes of practice",
    "steps": "Training steps",
}


@dataclass(frozen=True)
class Axis:
    """The logarithmic axis that all strips share."""

    low: float
    high: float
    edge: float  # the gate, or the margin that stands in for it
    width: int = WIDTH

    @classmethod
    def of(cls, ratios: Sequence[TimeRatio], edge: float) -> "Axis":
        lows = [one.low for one in ratios if one.low > 0]
        return cls(min([*lows, 1 / edge]) / ROOM, max([*(one.high for one in ratios), edge]) * ROOM, edge)

    def at(self, ratio: float) -> float:
        """Return where a ratio lies on the strip."""
        inside = min(max(ratio, self.low), self.high)
        return round(WIDTH * math.log(inside / self.low) / math.log(self.high / self.low), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The places of round ratios, each with its label."""
        return [(self.at(tick), f"{tick:g}") for tick in TICKS if self.low <= tick <= self.high]

    @property
    def lines(self) -> dict[str, float]:
        """The places of the level line and of the gate on either side of it."""
        return {"one": self.at(1), "below": self.at(1 / self.edge), "above": self.at(self.edge)}


@dataclass(frozen=True)
class StripView:
    """A ratio with its interval: where they lie, and in figures."""

    low: float
    ratio: float
    high: float
    figures: str
    verdict: str = ""
    word: str = ""

    @classmethod
    def of(cls, time: TimeRatio, axis: Axis, verdict: str = "") -> "StripView":
        figures = f"{time.ratio:.3f} [{time.low:.3f}, {time.high:.3f}]"
        return cls(
            axis.at(time.low), axis.at(time.ratio), axis.at(time.high), figures, verdict, GLYPHS.get(verdict, "")
        )


@dataclass(frozen=True)
class TimedRow:
    """A row of the forest."""

    module: str
    case: str
    mode: str
    strip: StripView


@dataclass(frozen=True)
class Stand:
    """The rows of one group, and the means of its modes."""

    name: str
    means: Sequence[tuple[str, int, StripView]]  # mode, rows, mean
    rows: Sequence[TimedRow]


@dataclass(frozen=True)
class ForestView:
    """Every group with its rows on one axis."""

    axis: Axis
    edge: str
    stands: Sequence[Stand]


def forest(timed: Timed) -> ForestView | None:
    """Return the forest of a run; None where nothing was timed."""
    rows = [row for row in timed.findings if row.verdict in TIMED and row.time]
    if not rows:
        return None
    edge = timed.margin if timed.gate is None else timed.gate
    axis = Axis.of([row.time for row in rows if row.time], max(edge, 1.001))
    said = f"margin {edge:g}, no gate" if timed.gate is None else f"gate {edge:g}"
    return ForestView(axis, said, list(stands(rows, axis)))


def stands(rows: Sequence[RowFinding], axis: Axis) -> Iterator[Stand]:
    of_group, means = grouped(rows, group_of), list(groups(rows))
    for name in GROUPS:
        if name in of_group:
            own = [one for one in means if one.name == name]
            yield Stand(
                NAMES[name],
                [(mode(one), len(one.ratios), StripView.of(one.mean, axis)) for one in own],
                [of_row(row, axis) for row in of_group[name]],
            )


def mode(one: RowGroup) -> str:
    """Return a group's mode, with device and threads where they are not the usual ones."""
    unusual = [*([one.device] if one.device != "cpu" else []), *([f"{one.threads} threads"] if one.threads > 1 else [])]
    return one_line(f"{one.mode} ({', '.join(unusual)})" if unusual else one.mode)


def of_row(row: RowFinding, axis: Axis) -> TimedRow:
    assert row.time is not None
    return TimedRow(
        one_line(module(row)), one_line(row.case), one_line(row.mode), StripView.of(row.time, axis, row.verdict)
    )
