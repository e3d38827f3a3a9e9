"""The summary of a job that timed: how many rows have which verdict, one ratio a group, and the slowest rows."""

from collections.abc import Sequence

from reports.ci.job_summary import MOST_BYTES, cut, fitting
from reports.columns import RIGHT, Column, table
from reports.perf import groups
from reports.perf import page as perf_page
from reports.perf.reading import Timed
from reports.perf.record import RowFinding
from reports.text import ABSENT, safe

MOST_HEADLINE = 2_000  # bytes
SLOWEST = 10
ROWS: Sequence[Column[RowFinding]] = (
    Column("row", lambda row: safe(f"{row.module} {row.case} {row.mode}", most=100)),
    Column("subject / torch [low, high]", lambda row: groups.between(row.time) if row.time else ABSENT, RIGHT),
    Column("verdict", lambda row: safe(row.verdict)),
)


def render(timed: Timed) -> str:
    """Return the summary of a timing run, in at most 10 KB of Markdown."""
    slowest = sorted((row for row in timed.findings if row.time), key=lambda row: -row.time.ratio if row.time else 0)
    parts = [
        f"## Times beside torch.nn: {safe(timed.run.subject, most=100)}",
        cut(" ".join(perf_page.sentences(timed)), MOST_HEADLINE),
    ]
    if slowest:
        lines = [*table(groups.COLUMNS, list(groups.groups(timed.findings))).splitlines(), ""]
        lines += ["The slowest rows:", "", *table(ROWS, slowest[:SLOWEST]).splitlines()]
        parts.append(fitting(lines, MOST_BYTES - len("\n\n".join(parts).encode()) - 4))
    return "\n\n".join(parts) + "\n"
