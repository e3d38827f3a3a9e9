"""The table of an independence audit, in Markdown."""

from collections.abc import Iterable, Mapping
from typing import Any

from reports.parity.audit_record import VERDICTS
from reports.text import ABSENT, counted, safe, table

HEADERS = ("module", "ATen operations used", "verdict", "why")


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
    return f"{summary(rows)}\n\n{table(HEADERS, [row(record) for record in rows])}"


def summary(rows: list[Mapping[str, Any]]) -> str:
    """Return how many modules have which verdict, in one sentence."""
    verdicts = [record["verdict"] for record in rows]
    tally = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts)
    return f"Of {counted(len(rows), 'module')} of {safe(rows[0]['subject'])}: {tally}."


def row(record: Mapping[str, Any]) -> list[str]:
    shown = safe(record["operations"], most=1000) or ABSENT
    return [safe(record["module"]), shown, record["verdict"], safe(record["detail"], most=1000) or ABSENT]
