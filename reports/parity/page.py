"""The page of a parity run, in Markdown."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reports.columns import RIGHT, Column, table
from reports.header import NO_RUN, header
from reports.parity import audit_table, headline, module_tables, paper_004, side_by_side, three_way
from reports.parity.consequences import Consequences, networks
from reports.parity.gate.aspects import differs, word
from reports.parity.legend import LEGEND
from reports.parity.looks import heading
from reports.parity.referee import report
from reports.parity.summary import arithmetic, display, order
from reports.parity.verdicts import UNJUDGED, reason, standing, weighs_values
from reports.perf.reading import Timed
from reports.reading import Recorded, gather, grouped
from reports.record import Parity, Run
from reports.text import ABSENT, counted, figure, folded, listed, safe

REPORT = "The referee's report"
FACTS = ("subject", "date", "machine", "versions", "seed", "settings", "commit", "command")
MOST_MODULES = 12  # in full; a page of more has the tables of those of which something failed
MOST_ALIKE = 3  # failures shown of one module, check and quantity
FAILURES: Sequence[Column[Parity]] = (
    Column("module", lambda record: safe(record.module)),
    Column("case", lambda record: safe(record.case)),
    Column("check", lambda record: safe(record.check)),
    Column("quantity", lambda record: safe(display(record.quantity))),
    Column("dtype", lambda record: safe(arithmetic(record))),
    Column("regime", lambda record: safe(regime(record))),
    Column("worst index", lambda record: str(record.worst_index) if record.worst_index else ABSENT),
    Column("error", lambda record: figure(record.subject_error), RIGHT),
    Column("limit", lambda record: figure(record.limit), RIGHT),
    Column("verdict", word),
    Column("detail", lambda record: safe(reason(record))),
    Column("looks like", lambda record: safe(record.diagnosis) or ABSENT),
)

FOLLOWING: Sequence[Column[Sequence[Parity]]] = (
    Column("module", lambda alike: safe(alike[0].module)),
    Column("wrong quantity", lambda alike: safe(display(alike[0].quantity))),
    Column("checks that fail because of it", lambda alike: safe(", ".join(sorted({one.check for one in alike})))),
    Column("times", lambda alike: f"{len(alike):,}", RIGHT),
)


def render(records: Iterable[Mapping[str, Any]], timed: Timed | None = None) -> str:
    """Return the page of the records of a run and the timings beside them; raise ValueError for what is not a record.

    A subject of a file, which is somebody's library, first gets the report of a referee; several subjects stand side by
    side.
    """
    return page_of(gather(records), timed)


def page_of(recorded: Recorded, timed: Timed | None = None) -> str:
    """Return the page of records that are sorted by kind already."""
    several = len({run.subject for run in recorded.runs}) > 1
    sections = of_several(recorded, timed) if several else of_one(recorded, timed)
    body = (f"## {heading}\n\n{text}" for heading, text in (sections | {"How to read this": LEGEND}).items())
    return "\n\n".join([title(recorded.runs), *body]) + "\n"


def of_one(recorded: Recorded, timed: Timed | None) -> dict[str, str]:
    """Return the sections of the page of one subject."""
    outside = any(run.source for run in recorded.runs)
    return ({REPORT: report.render(recorded, timed)} if outside else {}) | {
        "In five seconds": five_seconds(recorded),
        "What failed": failures(recorded.parity, headed=not outside),
        "What did not run and why": not_run(recorded),
        "What the subject computed with": audit_table.render(recorded.audits),
        "Tables I and II of paper 004": paper_004.section(recorded.differences),
        "Who is closer to the truth": headline.who_is_closer(recorded.parity),
        "Module by module": modules(recorded.parity),
    }


def of_several(recorded: Recorded, timed: Timed | None) -> dict[str, str]:
    """Return the sections of the page of several subjects: side by side, then one after the other."""
    each = side_by_side.by_subject(recorded)
    parts: dict[str, Callable[[Recorded], str]] = {
        REPORT: lambda of: report.render(of, timed),
        "What failed": lambda of: failures(of.parity),
        "What did not run and why": not_run,
        "What the subjects computed with": lambda of: audit_table.render(of.audits),
        "Tables I and II of paper 004": lambda of: paper_004.section(of.differences),
    }
    return (
        side_by_side.sections(each)
        | {
            heading: "\n\n".join(f"### {safe(name)}\n\n{part(of)}" for name, of in each.items())
            for heading, part in parts.items()
        }
        | {"Quantity by quantity": three_way.section(recorded.parity)}
    )


def title(runs: Sequence[Run]) -> str:
    if not runs:
        return f"# Parity with torch.nn\n\n{NO_RUN}"
    names = ", ".join(dict.fromkeys(safe(run.subject) for run in runs))
    subject = {"subject": "; ".join(dict.fromkeys(of_file(run) for run in runs))}
    return f"# Parity with torch.nn: {names}\n\n{header(runs[0], FACTS, subject)}"


def of_file(run: Run) -> str:
    """Return the subject's name, and the file of its adapter where it has one."""
    return f"{safe(run.subject)}, of {safe(run.source)}" if run.source else safe(run.subject)


def five_seconds(recorded: Recorded) -> str:
    verdict = headline.headline(recorded)
    return f"{verdict}\n\n{headline.modules(recorded.parity)}" if recorded.parity else verdict


def not_run(recorded: Recorded) -> str:
    """Return a list of what the run left out, what the subject does not have, and what this page cannot show."""
    items = [safe(said, most=1000) for run in recorded.runs for said in (*run.not_run, *run.faults)]
    unsupported = grouped((r for r in recorded.parity if standing(r) == "unsupported"), lambda record: record.detail)
    for detail, alike in sorted(unsupported.items()):
        names = safe(listed(sorted({record.module for record in alike}), 8), most=1000)
        items.append(f"Unsupported, {counted(len(alike), 'quantity')} of {names}: {safe(detail) or 'no reason given'}")
    items += [
        f"{counted(count, 'record')} of kind {safe(kind)}: this page has no place for them."
        for kind, count in sorted(recorded.others.items())
    ]
    if items:
        return "\n".join(f"- {item}" for item in items)
    return "The run names nothing that it left out." if recorded.runs else "Nothing is known: there is no run record."


def failures(records: Sequence[Parity], headed: bool = False) -> str:
    """Return the worst few of what failed, was void or ended in an error, for each module, check and quantity.

    With headings, what the failures of each quantity look like together stands above them; the referee's report has it.
    """
    consequences = Consequences(records)
    every = sorted((record for record in records if standing(record) in ("fail", *UNJUDGED)), key=order)
    failed = [record for record in every if record not in consequences]
    if not failed:
        return "Nothing failed." if records else "Nothing was compared, so nothing could fail."
    alike = grouped(failed, lambda record: (record.module, record.check, record.quantity)).values()
    shown = [record for group in alike for record in sorted(group, key=gravity)[:MOST_ALIKE]]
    rest = f"The {MOST_ALIKE} worst of each module, check and quantity; {len(failed) - len(shown):,} more are recorded."
    tabled = table(FAILURES, shown)
    parts = [tabled] if len(shown) == len(failed) else [rest, tabled]
    parts = [*headings(records), *parts] if headed else parts
    return "\n\n".join([*parts, *following([record for record in every if record in consequences])])


def headings(records: Sequence[Parity]) -> list[str]:
    """Return what the wrong values of each quantity look like together, an item each; nothing where none is wrong."""
    values = sorted((one for one in records if weighs_values(one) and not differs(one)), key=order)
    items = []
    for (module, quantity), alike in grouped(values, lambda record: (record.module, record.quantity)).items():
        wrong = [record for record in alike if standing(record) == "fail"]
        if wrong:
            items.append(f"- **{safe(module)}, {safe(display(quantity))}**: {heading(wrong, alike)}")
    return ["\n".join(items)] if items else []


def following(records: Sequence[Parity]) -> list[str]:
    """Return, folded, the failures that follow from those of the values; nothing where there are none."""
    if not records:
        return []
    by_quantity = list(grouped(records, lambda record: (record.module, record.quantity)).values())
    said = f"{counted(len(records), 'quantity')} more fail because of these, in other checks{networks(records)}"
    return [folded(said, table(FOLLOWING, by_quantity))]


def gravity(record: Parity) -> tuple[Any, ...]:
    """Return a sorting key: what has no error to show first, then the largest error in units of its limit."""
    excess = record.subject_error / record.limit if record.limit else math.inf
    known = not math.isnan(excess)
    place = order(record), record.case, record.regime, record.cotangent, record.seed, record.detail
    return known, -excess if known else 0.0, place


def regime(record: Parity) -> str:
    """Return how the input was drawn, and the scale of the cotangent where it is not 1."""
    return record.regime if record.cotangent == 1 else f"{record.regime}, dy × {figure(record.cotangent)}"


def modules(records: Sequence[Parity]) -> str:
    groups = grouped(records, lambda record: record.module)
    if not groups:
        return "There are no measurements."
    wrong = {module for module, held in groups.items() if any(standing(one) in ("fail", *UNJUDGED) for one in held)}
    shown = sorted(groups if len(groups) <= MOST_MODULES else wrong)
    rest = f"The tables of {counted(len(groups) - len(shown), 'module')} without a failure are in index.html."
    tables = [module_tables.section(module, groups[module]) for module in shown]
    return "\n\n".join([*tables, *([rest] if len(shown) < len(groups) else [])])
