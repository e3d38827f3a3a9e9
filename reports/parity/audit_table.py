"""The table of an independence audit, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.columns import Column, table
from reports.parity.audit_record import VERDICTS
from reports.text import ABSENT, counted, safe

COLUMNS: Sequence[Column[Mapping[str, Any]]] = (
    Column("module", lambda record: safe(record["module"])),
    Column("ATen operations used", lambda record: safe(record["operations"], most=1000) or ABSENT),
    Column("verdict", lambda record: str(record["verdict"])),
    Column("why", lambda record: safe(record["detail"], most=1000) or ABSENT),
)


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return one sentence and a table of the records of kind audit; raise ValueError for a verdict that is none."""
    rows = sorted((r for r in records if r["kind"] == "audit"), key=lambda record: str(record["module"]))
    for record in rows:
        if record["verdict"] not in VERDICTS:
            raise ValueError(
                f"audit of {record['module']}: verdict must be one of {VERDICTS}, was {record['verdict']!r}"
            )
    if not rows:
        return "Nothing was audited."
    return f"{summary(rows)}\n\n{table(COLUMNS, rows)}"


def summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many modules have which verdict, in one sentence."""
    verdicts = [record["verdict"] for record in rows]
    tally = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts)
    return f"Of {counted(len(rows), 'module')} of {safe(rows[0]['subject'])}: {tally}."
