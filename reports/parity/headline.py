"""The verdict of a parity run in one sentence or two, and the modules in one table."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reports.parity.summary import closeness, display, grouped, order, pool
from reports.parity.verdicts import COMPARED, UNJUDGED, gravest, standing, total, weighs_values
from reports.record import Parity, Run
from reports.text import ABSENT, counted, figure, listed, percent, safe, span, table

COLUMNS = (
    "module", "verdict", "compared", "failed", "same route", "not compared", "worst error", "of torch.nn", "limit",
)  # fmt: skip
CLOSER = ("module", "cells", "elements", "subject closer, %", "equal, %", "torch.nn closer, %")
UNITS = "Errors are in units of u·gauge: 1 is an ordinary rounding error. Same route: right, in torch's very bits."
FOOTNOTE = (
    "The share of compared value quantities in which the worst error of that side is the smaller one. Cells in "
    "float64 are left out: there the reference is the truth."
)


def headline(runs: Sequence[Run], records: Sequence[Parity]) -> str:
    """Return the verdict of the run, with what it could not judge."""
    verdicts = Counter(standing(record) for record in records)
    sentences = [completeness(runs), judgement(records, verdicts)]
    if total(verdicts, UNJUDGED):
        names = blamed(records, UNJUDGED)
        sentences.append(f"**{counted(total(verdicts, UNJUDGED), 'quantity')} VOID or in ERROR** in: {names}.")
    if verdicts["same-route"]:
        sentences.append(
            f"{verdicts['same-route']:,} of the compared agree by the same route: in every bit, rounding errors too."
        )
    if verdicts["unsupported"]:
        unsupported = counted(verdicts["unsupported"], "quantity")
        sentences.append(f"{unsupported} unsupported, counted neither as right nor as wrong.")
    return " ".join(filter(None, sentences))


def completeness(runs: Sequence[Run]) -> str:
    if not runs:
        return "**INCOMPLETE**: there is no run record, so nothing says what was meant to run."
    if not all(run.complete for run in runs):
        return "**INCOMPLETE**: the run was interrupted or still goes on; this page shows only what it had recorded."
    return "" if len(runs) == 1 else f"The records are of {len(runs)} runs; the header describes the first."


def judgement(records: Sequence[Parity], verdicts: Mapping[str, int]) -> str:
    compared, failed = total(verdicts, COMPARED), verdicts.get("fail", 0)
    if not compared:
        return "**Nothing was compared.**"
    if failed:
        return f"**{failed:,} of {compared:,} quantities FAIL** in: {blamed(records, ('fail',))}."
    modules_compared = {record.module for record in records if standing(record) in COMPARED}
    return f"**All {compared:,} compared quantities of {counted(len(modules_compared), 'module')} pass.**"


def blamed(records: Iterable[Parity], verdicts: tuple[str, ...]) -> str:
    """Name the module and quantity, or module and contract check, of every record with one of these verdicts."""
    found = sorted((record for record in records if standing(record) in verdicts), key=order)
    return safe(listed(list(dict.fromkeys(map(named, found))), 12), most=2000)


def named(record: Parity) -> str:
    return f"{record.module} {display(record.quantity) if weighs_values(record) else record.check}"


def modules(records: Iterable[Parity]) -> str:
    """Return one row a module: what a reader wants to know first."""
    found = grouped(records, lambda record: record.module)
    return f"{table(COLUMNS, [row(module, found[module]) for module in sorted(found)], 'llrrrrrrr')}\n\n{UNITS}"


def row(module: str, records: Sequence[Parity]) -> list[str]:
    whole = pool(records)
    kinds = (COMPARED, ("fail",), ("same-route",), ("unsupported", *UNJUDGED))
    counts = [f"{total(whole.verdicts, kind):,}" for kind in kinds]
    errors = [figure(whole.subject_error), figure(whole.reference_error), span(whole.limits)]
    return [safe(module), gravest(whole.verdicts), *counts, *errors]


def who_is_closer(records: Iterable[Parity]) -> str:
    """Return one row a module: how much was compared, and how often which side is closer to the truth."""
    found = grouped(records, lambda record: record.module)
    if not found:
        return "Nothing was compared."
    rows = [closer_row(module, found[module]) for module in sorted(found)]
    return f"{table(CLOSER, rows, 'lrrrrr')}\n\n{FOOTNOTE}"


def closer_row(module: str, records: Sequence[Parity]) -> list[str]:
    whole, closer = pool(records), closeness(records)
    sides = (closer.subject, closer.equal, closer.reference)
    shares = [percent(part, closer.all) if closer.all else ABSENT for part in sides]
    return [safe(module), f"{whole.cells:,}", f"{whole.elements:,}", *shares]
