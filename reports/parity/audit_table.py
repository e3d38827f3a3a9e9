"""The table of an independence audit, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.columns import Column, table
from reports.parity.audit_record import VERDICTS
from reports.text import ABSENT, counted, folded, safe

MOST = 2000  # characters of a list of kinds
COLUMNS: Sequence[Column[Mapping[str, Any]]] = (
    Column("module", lambda record: safe(record["module"])),
    Column("ATen operations used", lambda record: safe(record["operations"], most=120) or ABSENT),
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
    """Return which kinds of cells were audited and which were not; empty for records without it.

    What is said of every module stands once, the rest module by module, folded.
    """
    told = [record for record in rows if record.get("audited") or record.get("unaudited")]
    if not told:
        return ""
    apart = [parts(record.get("audited", "")) for record in told]
    common = [kind for kind in apart[0][1] if all(kind in kinds for _, kinds in apart)] if len(told) > 1 else []
    lines = []
    for record, (counts, kinds) in zip(told, apart, strict=True):
        said = ": ".join(filter(None, (counts, "; ".join(kind for kind in kinds if kind not in common))))
        unaudited = f"Not audited: {record['unaudited']}" if record.get("unaudited") else ""
        words = ". ".join(filter(None, (said, unaudited)))
        lines.append(f"- {safe(record['module'])}: {safe(words, most=MOST)}")
    shared = f"Every module was audited in cells of {safe('; '.join(common), most=MOST)}." if common else ""
    return "\n\n".join(filter(None, (shared, folded("What was audited, module by module", "\n".join(lines)))))


def parts(said: str) -> tuple[str, list[str]]:
    """Return what is said of the number of cells audited, and of each kind of them."""
    counts, _, kinds = said.rstrip(".").partition(": ")
    return counts, kinds.split("; ") if kinds else []
