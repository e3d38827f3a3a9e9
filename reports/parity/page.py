"""The page of a parity run, in Markdown."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reports.parity import audit_table, headline, module_tables, paper_004, side_by_side, three_way
from reports.parity.legend import LEGEND
from reports.parity.referee import report
from reports.parity.summary import arithmetic, display, grouped, order
from reports.parity.verdicts import UNJUDGED, WORDS, reason, standing
from reports.perf.reading import Timed
from reports.reading import Recorded, gather
from reports.record import Parity, Run
from reports.text import counted, figure, listed, pairs, safe, table

REPORT = "The referee's report"
MOST_ALIKE = 3  # failures shown of one module, check and quantity
FAILURES = (
    "module", "case", "check", "quantity", "dtype", "regime", "worst index", "error", "limit", "verdict", "detail",
    "looks like",
)  # fmt: skip


def render(records: Iterable[Mapping[str, Any]], timed: Timed | None = None) -> str:
    """Return the page of the records of a run and the timings beside them; raise ValueError for what is no record.

    A subject of a file, which is somebody's library, is first given the report of a referee; several subjects stand
    side by side.
    """
    found = gather(records)
    several = len({run.subject for run in found.runs}) > 1
    sections = of_several(found, timed) if several else of_one(found, timed)
    body = (f"## {heading}\n\n{text}" for heading, text in (sections | {"How to read this": LEGEND}).items())
    return "\n\n".join([title(found.runs), *body]) + "\n"


def of_one(found: Recorded, timed: Timed | None) -> dict[str, str]:
    """Return the sections of the page of one subject."""
    outside = any(run.source for run in found.runs)
    return ({REPORT: report.render(found, timed)} if outside else {}) | {
        "In five seconds": five_seconds(found),
        "What did not run and why": not_run(found),
        "What failed": failures(found.parity),
        "What the subject computed with": audit_table.render(found.audits),
        "Tables I and II of paper 004": paper_004.section(found.tables),
        "Who is closer to the truth": headline.who_is_closer(found.parity),
        "Module by module": modules(found.parity),
    }


def of_several(found: Recorded, timed: Timed | None) -> dict[str, str]:
    """Return the sections of the page of several subjects: side by side, then one after the other."""
    each = side_by_side.by_subject(found)
    parts: dict[str, Callable[[Recorded], str]] = {
        REPORT: lambda of: report.render(of, timed),
        "What did not run and why": not_run,
        "What failed": lambda of: failures(of.parity),
        "What the subjects computed with": lambda of: audit_table.render(of.audits),
        "Tables I and II of paper 004": lambda of: paper_004.section(of.tables),
    }
    return (
        side_by_side.sections(each)
        | {
            heading: "\n\n".join(f"### {safe(name)}\n\n{part(of)}" for name, of in each.items())
            for heading, part in parts.items()
        }
        | {"Quantity by quantity": three_way.section(found.parity)}
    )


def title(runs: Sequence[Run]) -> str:
    if not runs:
        return "# Parity with torch.nn\n\nThere is no run record: the run ended before it had written one."
    run, names = runs[0], ", ".join(dict.fromkeys(safe(run.subject) for run in runs))
    rows = [
        ("subject", "; ".join(dict.fromkeys(of_file(run) for run in runs))),
        ("date", safe(run.started)),
        ("machine", pairs(run.machine)),
        ("versions", pairs(run.versions)),
        ("seed", str(run.seed)),
        ("settings", pairs(run.settings)),
        ("commit", safe(run.commit) or "none, outside a git checkout"),
        ("command", safe(run.command, most=1000)),
    ]
    return f"# Parity with torch.nn: {names}\n\n{table(('run', ''), rows)}"


def of_file(run: Run) -> str:
    """Return the subject's name, and the file of its adapter where it has one."""
    return f"{safe(run.subject)}, of {safe(run.source)}" if run.source else safe(run.subject)


def five_seconds(found: Recorded) -> str:
    verdict = headline.headline(found.runs, found.parity)
    return f"{verdict}\n\n{headline.modules(found.parity)}" if found.parity else verdict


def not_run(found: Recorded) -> str:
    """Return a list of what the run left out, what the subject does not have, and what this page cannot show."""
    items = [safe(sentence, most=1000) for run in found.runs for sentence in run.not_run]
    unsupported = grouped((r for r in found.parity if standing(r) == "unsupported"), lambda record: record.detail)
    for detail, alike in sorted(unsupported.items()):
        names = safe(listed(sorted({record.module for record in alike}), 8), most=1000)
        items.append(f"Unsupported, {counted(len(alike), 'quantity')} of {names}: {safe(detail) or 'no reason given'}")
    items += [
        f"{counted(count, 'record')} of kind {safe(kind)}: this page has no place for them."
        for kind, count in sorted(found.others.items())
    ]
    if items:
        return "\n".join(f"- {item}" for item in items)
    return "The run names nothing that it left out." if found.runs else "Nothing is known: there is no run record."


def failures(records: Sequence[Parity]) -> str:
    """Return the worst few of what failed, was void or ended in an error, for each module, check and quantity."""
    failed = sorted((record for record in records if standing(record) in ("fail", *UNJUDGED)), key=order)
    if not failed:
        return "Nothing failed." if records else "Nothing was compared, so nothing could fail."
    alike = grouped(failed, lambda record: (record.module, record.check, record.quantity)).values()
    shown = [failure(record) for group in alike for record in sorted(group, key=gravity)[:MOST_ALIKE]]
    rest = f"The {MOST_ALIKE} worst of each module, check and quantity; {len(failed) - len(shown):,} more are recorded."
    tabled = table(FAILURES, shown, "lllllllrrlll")
    return tabled if len(shown) == len(failed) else f"{rest}\n\n{tabled}"


def gravity(record: Parity) -> tuple[Any, ...]:
    """Return a sorting key: what has no error to show first, then the largest error in units of its limit."""
    excess = record.subject_error / record.limit if record.limit else math.inf
    known = not math.isnan(excess)
    place = order(record), record.case, record.regime, record.cotangent, record.seed, record.detail
    return known, -excess if known else 0.0, place


def failure(record: Parity) -> list[str]:
    regime = record.regime if record.cotangent == 1 else f"{record.regime}, dy × {figure(record.cotangent)}"
    names = record.module, record.case, record.check, display(record.quantity), arithmetic(record), regime
    index = str(record.worst_index) if record.worst_index else "–"
    errors = figure(record.subject_error), figure(record.limit)
    said = safe(reason(record)), safe(record.diagnosis) or "–"
    return [*map(safe, names), index, *errors, WORDS[standing(record)], *said]


def modules(records: Sequence[Parity]) -> str:
    found = grouped(records, lambda record: record.module)
    if not found:
        return "There are no measurements."
    return "\n\n".join(module_tables.section(module, found[module]) for module in sorted(found))
