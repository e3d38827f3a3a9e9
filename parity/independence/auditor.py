"""The audit of one cell: every witness watches the same rehearsal, and their findings are the verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from parity.catalogue import offered, pages
from parity.independence import source, tampering
from parity.independence.interpreter import LOOKED, listening
from parity.independence.kernels import listed
from parity.independence.rehearsal import Outcome, Rehearsal, eager
from parity.independence.witnesses import CHANGING, Witnesses
from parity.subjects.contract import Subject, Unsupported, traits
from parity.verdict.cell import Cell
from parity.verdict.trial import same_bits
from reports.parity.audit_record import AuditRecord

WRAPS = "not audited: it says that it wraps torch"
OUTSIDE = "it says that it computes outside torch: only what it asked of torch was seen"


@dataclass(frozen=True)
class Audit:
    """The audit of one module: its findings, none where it is independent; the reason where it was not audited."""

    subject: str
    module: str
    operations: dict[str, int]  # ATen operations of one forward and backward, by name; in-place forms not told apart
    verdict: str  # independent, void or not audited
    findings: tuple[str, ...] = ()
    remark: str = ""  # decides nothing
    touched: dict[str, frozenset[str]] = field(default_factory=dict)  # by operation, which of x, dy ... it worked on


def audit(subject: Subject, cell: Cell) -> Audit:
    """Return the audit of `subject` in `cell`; an exception of the run is a finding."""
    module = cell.page.module
    if traits(subject).wraps_torch:
        return Audit(subject.name, module, operations={}, verdict="not audited", findings=(WRAPS,))
    before = tampering.snapshot()
    witnesses, findings = Witnesses(), set(tampering.counterfeits())
    try:
        findings |= watched(subject, cell, witnesses)
    except Unsupported as lack:
        return Audit(subject.name, module, operations={}, verdict="not audited", findings=(f"unsupported: {lack}",))
    except Exception as error:
        findings.add(f"the run ended in {type(error).__name__}: {error}")
    looked = compiling(subject, witnesses)
    findings |= witnesses.seen() - looked | set(tampering.changes(before))
    remarks = [source.remark(subject), OUTSIDE if traits(subject).outside_torch else "", *sorted(looked)]
    touched = witnesses.trace.touched.items()
    return Audit(
        subject=subject.name,
        module=module,
        operations=witnesses.operations(),
        verdict="void" if findings else "independent",
        findings=tuple(sorted(findings)),
        remark="; ".join(filter(None, remarks)),
        touched={name: frozenset(label.split()[0] for label in labels) for name, labels in touched},
    )


def compiling(subject: Subject, witnesses: Witnesses) -> set[str]:
    """Return the findings about the stack, if the subject is outside torch: JAX and tinygrad read it to name code.

    In a process of its own it gains nothing by it: there is no reference to be found.
    """
    return {words for words in witnesses.seen() if words.startswith(LOOKED)} if traits(subject).outside_torch else set()


def watched(subject: Subject, cell: Cell, witnesses: Witnesses) -> set[str]:
    """Run the rehearsal under all witnesses, under the profiler alone, and under none; return the findings."""
    rehearsal, outcomes, others = Rehearsal.of(subject, cell), list[Outcome](), Witnesses()
    with eager():
        with listed(witnesses.kernels):
            outcomes.append(rehearsal.run(witnesses.watch, witnesses))
        with listed(witnesses.kernels):
            outcomes.append(rehearsal.run(lambda: listening(witnesses.events)))
        outcomes += [rehearsal.run(), rehearsal.run()]
        rehearsal.reversed().run(others.watch, others)
    findings = stale(outcomes[0])
    if not traits(subject).outside_torch:
        findings |= witnesses.hidden(rehearsal.first.drawn.inputs[0].numel())
        if witnesses.strangers[2] - others.strangers[2]:
            findings.add(CHANGING)
    if alike(outcomes[2], outcomes[3]) and not (alike(outcomes[0], outcomes[2]) and alike(outcomes[1], outcomes[2])):
        findings.add("it gave other bits when it was watched")
    return findings


def stale(outcome: Outcome) -> set[str]:
    """Return a sentence for each quantity that is the same bit by bit for other data."""
    return {
        f"{name} held the same bits for other data"
        for name, value in outcome.first.items()
        if value.numel() and same_bits(value, outcome.second[name])
    }


def alike(one: Outcome, other: Outcome) -> bool:
    """Return whether two outcomes agree bit by bit."""
    pairs = ((one.first, other.first), (one.second, other.second))
    return all(a.keys() == b.keys() and all(same_bits(value, b[name]) for name, value in a.items()) for a, b in pairs)


def merged(rows: Sequence[Audit]) -> Audit:
    """Return the audits of one module's cases as one row: void if one is void."""
    first, operations = rows[0], Counter[str]()
    touched: dict[str, frozenset[str]] = {}
    for row in rows:
        operations.update(row.operations)
        touched |= {name: labels | touched.get(name, frozenset()) for name, labels in row.touched.items()}
    worst = min((row.verdict for row in rows), key=("void", "not audited", "independent").index)
    findings = dict.fromkeys(finding for row in rows if row.verdict == worst for finding in row.findings)
    return Audit(
        subject=first.subject,
        module=first.module,
        operations=dict(operations),
        verdict=worst,
        findings=tuple(findings),
        remark=first.remark,
        touched=touched,
    )


def audit_module(subject: Subject, module: str) -> Audit:
    """Return the row of one module: its wide cases, or the first where none is, in float32 on normal input."""
    page = offered(traits(subject).operators)[module]
    cases = [case for case in page.cases if case.widely] or page.cases[:1]
    return merged([audit(subject, Cell(page, case)) for case in cases])


def told(subject: Subject, module: str) -> dict[str, object]:
    """Return the row of one module as plain data, for another process."""
    return asdict(audit_module(subject, module))


VERDICTS = ("independent", "void", "not audited")


def heard(said: Any) -> Audit:
    """Return the row that another process told; raise ValueError where it has no sense."""
    if not isinstance(said, dict) or said.keys() != {entry.name for entry in fields(Audit)}:
        raise ValueError("the process did not tell what the audit found")
    row = Audit(
        str(said["subject"]),
        str(said["module"]),
        {name: int(count) for name, count in said["operations"].items()},
        str(said["verdict"]),
        tuple(map(str, said["findings"])),
        str(said["remark"]),
        {name: frozenset(map(str, labels)) for name, labels in said["touched"].items()},
    )
    if row.verdict not in VERDICTS:
        raise ValueError(f"the process told of a verdict {row.verdict!r}, which is none")
    return row


def audit_all(subject: Subject) -> list[Audit]:
    """Return a row for every page."""
    return [audit_module(subject, module) for module in pages()]


def records(audits: Sequence[Audit]) -> list[AuditRecord]:
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
        )
        for row in audits
    ]
