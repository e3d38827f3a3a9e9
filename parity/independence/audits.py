"""The audit of one module as a row: what was audited and how, what was found, and what was not seen."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from reports.parity.audit_record import AuditRecord

VERDICTS = ("independent", "void", "not audited")


@dataclass(frozen=True)
class Audit:
    """The audit of one cell, or of one module: why it is void, or not audited; no reason where it is independent.

    A subject is void by evidence alone: an operation and where it was asked for, or what it changed of the suite.
    What no witness sees, and a run that ends in an exception, is not audited: neither one nor the other.
    """

    subject: str
    module: str
    operations: dict[str, int]  # of ATen, by name, the most of one forward and backward; in-place forms not told apart
    verdict: str  # independent, void or not audited
    findings: tuple[str, ...] = ()
    remark: str = ""  # decides nothing
    touched: dict[str, frozenset[str]] = field(default_factory=dict)  # by operation, which of x, dy ... it worked on
    audited: str = ""  # how many cells were audited, how, and of which kinds
    unaudited: str = ""  # the kinds of cells that ran and were not audited, with the reason
    outside: bool = False  # whether it computes outside torch, as it or the adapter of the suite says


def merged(rows: Sequence[Audit]) -> Audit:
    """Return the audits of one module's cells as one row: void if one is void; else not audited if one was not seen.

    A cell that the subject does not have, or that ended in an exception of its own, has no say beside others that ran.
    """
    said = [row for row in rows if not row.findings or not row.findings[0].startswith(DID_NOT_RUN)] or rows[:1]
    operations: Counter[str] = Counter()
    touched: dict[str, frozenset[str]] = {}
    for row in said:
        operations |= Counter(row.operations)
        touched |= {name: labels | touched.get(name, frozenset()) for name, labels in row.touched.items()}
    worst = min((row.verdict for row in said), key=("void", "not audited", "independent").index)
    findings = dict.fromkeys(finding for row in said if row.verdict == worst for finding in row.findings)
    return Audit(
        subject=said[0].subject,
        module=said[0].module,
        operations=dict(operations),
        verdict=worst,
        findings=tuple(findings),
        remark=said[0].remark,
        touched=touched,
        outside=any(row.outside for row in said),
    )


UNSUPPORTED, ENDED = "unsupported: ", "its run ended: "
DID_NOT_RUN = (UNSUPPORTED, ENDED)


def not_run(subject: str, module: str, *findings: str) -> Audit:
    """Return the row of what was not audited, with the reasons."""
    return Audit(subject, module, operations={}, verdict="not audited", findings=findings)


def told(row: Audit) -> dict[str, object]:
    """Return a row as plain data, for another process."""
    return asdict(row)


def heard(said: Any) -> Audit:
    """Return the row that another process told; raise ValueError where it has no sense."""
    if not isinstance(said, Mapping) or said.keys() != {entry.name for entry in fields(Audit)}:
        raise ValueError("the process did not tell what the audit found")
    row = Audit(
        str(said["subject"]),
        str(said["module"]),
        {name: int(count) for name, count in said["operations"].items()},
        str(said["verdict"]),
        tuple(map(str, said["findings"])),
        str(said["remark"]),
        {name: frozenset(map(str, labels)) for name, labels in said["touched"].items()},
        str(said["audited"]),
        str(said["unaudited"]),
        bool(said["outside"]),
    )
    if row.verdict not in VERDICTS:
        raise ValueError(f"the process told of a verdict {row.verdict!r}, which is none")
    return row


def records(audits: Iterable[Audit]) -> list[AuditRecord]:
    """Return the audits as records."""
    return [
        AuditRecord(
            subject=row.subject,
            module=row.module,
            operations=", ".join(
                f"{name} x{count}" for name, count in sorted(row.operations.items(), key=lambda it: (-it[1], it[0]))
            ),
            verdict=row.verdict,
            detail="; ".join(filter(None, (*row.findings, row.remark))),
            audited=row.audited,
            unaudited=row.unaudited,
        )
        for row in audits
    ]
