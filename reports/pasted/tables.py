"""The tables themselves: what stands in a column, as a number where it is one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from reports.parity.summary import Pool, pool
from reports.parity.verdicts import COMPARED, UNJUDGED, total
from reports.perf.columns import duration
from reports.perf.reading import Timed
from reports.perf.record import RowFinding
from reports.reading import Recorded, grouped
from reports.record import ASPECTS
from reports.text import ABSENT, figure

Row = TypeVar("Row")
Value = str | int | float | None


@dataclass(frozen=True)
class PastedColumn(Generic[Row]):
    """A column: its title, its value for a row (None where there is none), and how a reader is shown a number."""

    title: str
    value: Callable[[Row], Value]
    shown: Callable[[float], str] = figure

    def known(self, row: Row) -> Value:
        """Return the value; None for what is no number too."""
        value = self.value(row)
        return None if isinstance(value, float) and math.isnan(value) else value

    def text(self, row: Row) -> str:
        """Return the value as a reader is shown it."""
        value = self.known(row)
        if value is None:
            return ABSENT
        return self.shown(value) if isinstance(value, float) else str(value)

    def is_number(self, rows: Sequence[Row]) -> bool:
        return any(isinstance(self.value(row), (int, float)) for row in rows)


@dataclass(frozen=True)
class PastedTable:
    """A table by the name of its file, with its caption."""

    name: str
    caption: str
    entries: Sequence[PastedColumn[Any]]
    rows: Sequence[Any]


def word(of: str) -> Callable[[Pool], Value]:
    """Return what gives the word of a module's verdict in an aspect, without its sign; None where nothing was asked."""

    def spoken(of_module: Pool) -> Value:
        said = of_module.aspect(of)
        return None if said == ABSENT else said.split(" ", 1)[-1]

    return spoken


VERDICTS: Sequence[PastedColumn[Pool]] = (
    PastedColumn("subject", lambda of: of.first.subject),
    PastedColumn("module", lambda of: of.first.module),
    *(PastedColumn[Pool](name, word(name)) for name in ASPECTS),
    PastedColumn("compared", lambda of: total(of.verdicts, COMPARED)),
    PastedColumn("failed", lambda of: of.failed),
    PastedColumn("same route", lambda of: of.verdicts["same-route"]),
    PastedColumn("not compared", lambda of: total(of.verdicts, ("unsupported", *UNJUDGED))),
    PastedColumn("worst error", lambda of: of.subject_error),
    PastedColumn("of torch.nn", lambda of: of.reference_error),
    PastedColumn("limit", lambda of: max(of.limits, default=None)),
)
TIMES: Sequence[PastedColumn[RowFinding]] = (
    PastedColumn("module", lambda row: row.module),
    PastedColumn("case", lambda row: row.case),
    PastedColumn("mode", lambda row: row.mode),
    PastedColumn("device", lambda row: row.device),
    PastedColumn("dtype", lambda row: row.dtype),
    PastedColumn("torch", lambda row: row.reference.seconds, duration),
    PastedColumn("subject", lambda row: row.subject.seconds, duration),
    PastedColumn("ratio", lambda row: row.time.ratio if row.time else None),
    PastedColumn("low", lambda row: row.time.low if row.time else None),
    PastedColumn("high", lambda row: row.time.high if row.time else None),
    PastedColumn("verdict", lambda row: row.verdict.lower()),
)


def of_parity(recorded: Recorded) -> PastedTable:
    """Return the verdicts, a row a module of each subject."""
    groups = grouped(recorded.parity, lambda record: (record.subject, record.module))
    rows = [pool(groups[key]) for key in sorted(groups)]
    caption = "Verdict by module; errors in units of the rounding error to be expected"
    return PastedTable("verdicts", caption, VERDICTS, rows)


def of_times(timed: Timed) -> PastedTable:
    """Return the times, a row a timed row; a ratio is subject / torch, with its 95 % interval."""
    caption = f"Time of {timed.run.subject} beside torch, with the 95 % interval of the ratio"
    return PastedTable("times", caption, TIMES, [row for row in timed.findings if row.time])


TABLES: dict[str, Callable[[Any], PastedTable]] = {"parity.jsonl": of_parity, "perf.json": of_times}
