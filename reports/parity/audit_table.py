"""The table of an independence audit, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.columns import Column, table
from reports.parity.audit_record import VERDICTS
from reports.text import ABSENT, counted, safe

MOST = 2000  # characters of a list of kinds
COLUMNS: Sequence[Column[Mapping[str, Any]]] = (
    Column("module", lambda record: safe(record["module"])),
    Column("ATen operations used", lambda record: safe(record["operations"], most=1000) or ABSENT),
    Column("verdict", lambda record: str(record["verdict"])),
    Column("why", lambda record: safe(record["detail"], most=1000) or ABSENT),
)


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return one sentence, a table of the records of kind audit, and what was audited of each module.

    Raises ValueError for a verdict that is none.
    """
    rows = sorted((r for r in records if r["kind"] == "audit"), key=lambda record: str(record["module"]))
    for record in rows:
        if record["verdict"] not in VERDICTS:
            raise ValueError(
                f"audit of {record['module']}: verdict must be one of {VERDICTS}, was {record['verdict']!r}"
            )
    if not rows:
        return "Nothing was audited."
    return "\n\n".join(filter(None, (summary(rows), table(COLUMNS, rows), audited(rows))))


def summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many modules have which verdict, in one sentence."""
    verdicts = [record["verdict"] for record in rows]
    tally = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts)
    return f"Of {counted(len(rows), 'module')} of {safe(rows[0]['subject'])}: {tally}."


def audited(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return, module by module, which kinds of cells were audited, and which were not; empty for records without it."""
    told = [record for record in rows if record.get("audited") or record.get("unaudited")]
    if not told:
        return ""
    lines = [f"- {safe(record['module'])}: {safe(kinds(record), most=MOST)}" for record in told]
    return "\n".join(("What was audited, and of which kinds the cells were:\n", *lines))


def kinds(record: Mapping[str, Any]) -> str:
    """Return what was audited of a module, then what was not."""
    unaudited = f"Not audited: {record['unaudited']}" if record.get("unaudited") else ""
    return ". ".join(filter(None, (record.get("audited", "").rstrip("."), unaudited)))
