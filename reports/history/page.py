"""The page of a history: a section a series, with its figures and a row a run."""

import re
from collections.abc import Sequence
from pathlib import Path

from reports.columns import RIGHT, Column, table
from reports.history.points import ERRORS, FAILURES, RATIOS, Point, TimeSeries
from reports.text import ABSENT, counted, figure, safe

NAME, FIGURES = "history.md", "history"
MOST_LEFT_OUT = 20  # files that are told one by one


def total(point: Point) -> str:
    failed = point.of.get(FAILURES)
    return ABSENT if failed is None else f"{sum(failed.values()):,.0f}"


def largest(point: Point) -> str:
    """Return the largest error, and of which module it is."""
    errors = point.of.get(ERRORS)
    if not errors:
        return ABSENT
    module = max(errors, key=lambda name: errors[name])
    return f"{figure(errors[module])} ({safe(module)})"


def slowest(point: Point) -> str:
    """Return the ratio of the slowest module, and which it is."""
    ratios = point.of.get(RATIOS)
    if not ratios:
        return ABSENT
    module = max(ratios, key=lambda name: ratios[name])
    return f"{figure(ratios[module])} ({safe(module)})"


COLUMNS: Sequence[Column[Point]] = (
    Column("date", lambda point: safe(point.run.started[:16])),
    Column("commit", lambda point: safe(point.label)),
    Column("modules", lambda point: str(max(len(of) for of in point.of.values())), RIGHT),
    Column("failing", total, RIGHT),
    Column("largest error, u·gauge", largest, RIGHT),
    Column("largest ratio to torch.nn", slowest, RIGHT),
)


def render(all_series: Sequence[TimeSeries], left_out: Sequence[str], figures: Sequence[Sequence[str]]) -> str:
    """Return the page; `figures` holds the paths of the figures of each series, from the folder of the page."""
    parts = ["# Runs over the commits"]
    for series, drawn in zip(all_series, figures, strict=True):
        parts.append(f"## {safe(series.subject)}")
        parts.append(f"{counted(len(series.points), 'run')} on {series.machine}, the last one of each commit.")
        parts += [f"![{safe(Path(path).stem)}]({path})" for path in drawn]
        parts.append(table(COLUMNS, series.points))
    if left_out:
        items = [f"- {safe(said)}" for said in left_out[:MOST_LEFT_OUT]]
        more = [f"- and {len(left_out) - MOST_LEFT_OUT:,} more"] if len(left_out) > MOST_LEFT_OUT else []
        parts += ["## Left out", "\n".join([*items, *more])]
    return "\n\n".join(parts) + "\n"


def stems(all_series: Sequence[TimeSeries]) -> list[str]:
    """Return how the names of the figures of each series begin: all differ, and are fit for a file and a link."""
    slugs = [re.sub(r"[^A-Za-z0-9]+", "-", series.subject).strip("-").lower() or "subject" for series in all_series]
    return [
        f"{slug}-{slugs[:place].count(slug) + 1}" if slugs.count(slug) > 1 else slug for place, slug in enumerate(slugs)
    ]
