"""The page of a parity run, in Markdown."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports import audit_table, headline, module_tables, paper_004
from reports.legend import LEGEND
from reports.reading import Recorded, gather
from reports.record import Parity, Run
from reports.summary import arithmetic, display, grouped, order
from reports.text import counted, figure, listed, pairs, safe, table
from reports.verdicts import UNJUDGED, WORDS, reason, standing

MOST_ALIKE = 3  # failures shown of one module, check and quantity
FAILURES = (
    "module", "case", "check", "quantity", "dtype", "regime", "worst index", "error", "limit", "verdict", "detail",
)  # fmt: skip


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of the records of one run; raise ValueError that names a record which is not one."""
    found = gather(records)
    sections = {
        "In five seconds": five_seconds(found),
        "What did not run and why": not_run(found),
        "What failed": failures(found.parity),
        "What the subject computed with": audit_table.render(found.audits),
        "Tables I and II of paper 004": paper_004.section(found.tables),
        "Who is closer to the truth": headline.who_is_closer(found.parity),
        "Module by module": modules(found.parity),
        "How to read this": LEGEND,
    }
    body = (f"## {heading}\n\n{text}" for heading, text in sections.items())
    return "\n\n".join([title(found.runs), *body]) + "\n"


def title(runs: Sequence[Run]) -> str:
    if not runs:
        return "# Parity with torch.nn\n\nThere is no run record: the run ended before it had written one."
    run = runs[0]
    rows = [
        ("subject", safe(run.subject)),
        ("date", safe(run.started)),
        ("machine", pairs(run.machine)),
        ("versions", pairs(run.versions)),
        ("seed", str(run.seed)),
        ("settings", pairs(run.settings)),
        ("commit", safe(run.commit) or "none, outside a git checkout"),
        ("command", safe(run.command, most=1000)),
    ]
    return f"# Parity with torch.nn: {safe(run.subject)}\n\n{table(('run', ''), rows)}"


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
    tabled = table(FAILURES, shown, "lllllllrrll")
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
    return [*map(safe, names), index, *errors, WORDS[standing(record)], safe(reason(record))]


def modules(records: Sequence[Parity]) -> str:
    found = grouped(records, lambda record: record.module)
    if not found:
        return "There are no measurements."
    return "\n\n".join(module_tables.section(module, found[module]) for module in sorted(found))
