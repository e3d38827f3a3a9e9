"""The verdict of a parity run in one sentence or two, and the modules in one table."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from reports.columns import RIGHT, Column, readings, table
from reports.parity.consequences import Consequences, networks
from reports.parity.gate.aspects import READINGS, aspect, gating
from reports.parity.gate.coverage import of_page
from reports.parity.summary import Pool, display, order, pool
from reports.parity.verdicts import COMPARED, UNJUDGED, standing, total, weighs_values
from reports.reading import Recorded, grouped
from reports.record import ASPECTS, Parity, Run
from reports.text import counted, figure, listed, safe, span

MOST_NAMED = 3  # quantities of one module that could not be judged, by name
MODULES: Sequence[Column[Pool]] = (
    Column("module", lambda pool: safe(pool.first.module)),
    *(Column(name, partial(Pool.aspect, name=name), reading=READINGS[name]) for name in ASPECTS),
    Column("compared", lambda pool: pool.count(*COMPARED), RIGHT),
    Column("failed", lambda pool: f"{pool.failed:,}", RIGHT),
    Column(
        "same route",
        lambda pool: pool.count("same-route"),
        RIGHT,
        "Same route: right, in torch's very bits.",
    ),
    Column("not compared", lambda pool: pool.count("unsupported", *UNJUDGED), RIGHT),
    Column(
        "worst error",
        lambda pool: figure(pool.subject_error),
        RIGHT,
        "Errors are in units of u·gauge: 1 is an ordinary rounding error.",
    ),
    Column("of torch.nn", lambda pool: figure(pool.reference_error), RIGHT),
    Column("limit", lambda pool: span(pool.limits), RIGHT),
)

CLOSER: Sequence[Column[Pool]] = (
    Column("module", lambda pool: safe(pool.first.module)),
    Column("cells", lambda pool: f"{pool.cells:,}", RIGHT),
    Column("elements", lambda pool: f"{pool.elements:,}", RIGHT),
    Column(
        "subject closer, %",
        lambda pool: pool.closeness.share(pool.closeness.subject),
        RIGHT,
        "The share of compared value quantities in which the worst error of that side is the smaller one. Cells in "
        "float64 are left out: there the reference is the truth.",
    ),
    Column("equal, %", lambda pool: pool.closeness.share(pool.closeness.equal), RIGHT),
    Column("torch.nn closer, %", lambda pool: pool.closeness.share(pool.closeness.reference), RIGHT),
)


def headline(recorded: Recorded) -> str:
    """Return the verdict of the run, with what it could not judge."""
    return " ".join(sentences(recorded))


def sentences(recorded: Recorded) -> list[str]:
    """Return the verdict of the run, after what makes it none of a finished run, and what it could not judge."""
    records = recorded.parity
    verdicts = Counter(standing(record) for record in records)
    lacking = [f"**INCOMPLETE**: {recorded.unfinished}"] if recorded.unfinished else []
    said = [
        *lacking,
        *quickly(recorded.runs),
        *as_planned(recorded.runs),
        judgement(records, verdicts, not lacking, gating(recorded.runs)),
    ]
    if total(verdicts, UNJUDGED):
        where = unjudged(records)
        said.append(f"**{counted(total(verdicts, UNJUDGED), 'quantity')} VOID or in ERROR** in: {where}.")
    if tabled := [f"{row.module} {display(row.quantity)}" for row in recorded.differences if row.detail]:
        said.append(f"**In the tables of paper 004 is wrong**: {safe(listed(tabled, 12), most=2000)}.")
    if verdicts["same-route"]:
        said.append(
            f"{verdicts['same-route']:,} of the compared agree by the same route: in every bit, rounding errors too."
        )
    if verdicts["unsupported"]:
        unsupported = counted(verdicts["unsupported"], "quantity")
        said.append(f"{unsupported} unsupported, counted neither as right nor as wrong.")
    return list(filter(None, [*said, of_page(recorded)]))


def quickly(runs: Sequence[Run]) -> list[str]:
    """Return what was asked of a run that did not ask all, as a sentence; nothing of any other."""
    asked = list(dict.fromkeys(run.quick for run in runs if run.quick))
    return [f"**A QUICK RUN**, no whole one: it asked {safe(words, most=1000)}." for words in asked]


def as_planned(runs: Sequence[Run]) -> list[str]:
    """Return a sentence where a finished run did not compare what was planned, and one where the runs are several."""
    faults = list(dict.fromkeys(fault for run in runs for fault in run.faults))
    said = [f"**NOT AS PLANNED**: {safe(listed(faults, 3), most=1000)}."] if faults else []
    return said if len(runs) < 2 else [*said, f"The records are of {len(runs)} runs; the header describes the first."]


def judgement(
    records: Sequence[Parity], verdicts: Mapping[str, int], finished: bool, fail_on: Collection[str] = ASPECTS
) -> str:
    """Return what came of the comparisons; of a run that was not finished it is no verdict that all of them pass.

    fail_on  the aspects in which a failure is one of the run; in the others it is told apart
    """
    compared, consequences = total(verdicts, COMPARED), Consequences(records)
    if not compared:
        return "**Nothing was compared.**"
    met = [record for record in records if record in consequences]
    own = [record for record in records if standing(record) == "fail" and record not in consequences]
    failing = [record for record in own if aspect(record) in fail_on]
    apart = [record for record in own if aspect(record) not in fail_on]
    said = []
    if failing:
        said.append(f"**{len(failing):,} of {compared:,} quantities FAIL** in: {blamed(failing, consequences)}.")
    elif rest := compared - len(apart) - len(met):
        where = counted(len({record.module for record in records if standing(record) in COMPARED}), "module")
        all_pass = f"**All {rest:,} compared quantities of {where} pass.**"
        said.append(all_pass if finished else f"What there is, {counted(rest, 'quantity')} of {where}, passes.")
    if met:
        verb = "fails" if len(met) == 1 else "fail"
        said.append(f"{len(met):,} more {verb} because of these, in other checks{networks(met)}.")
    if apart:
        aspects = " and ".join(name for name in ASPECTS if name not in fail_on)
        said.append(
            f"{counted(len(apart), 'quantity')}{' more' * bool(said)} {'differs' if len(apart) == 1 else 'differ'} in "
            f"{aspects} alone, which does not fail this run, in: {blamed(apart, consequences)}."
        )
    return " ".join(said)


def is_right(recorded: Recorded) -> bool:
    """Return whether a run was finished as planned, and nothing in it fails it."""
    gate, consequences = gating(recorded.runs), Consequences(recorded.parity)
    fails = any(
        standing(record) in UNJUDGED
        or (standing(record) == "fail" and (aspect(record) in gate or record in consequences))
        for record in recorded.parity
    )
    lacking = recorded.unfinished or as_planned(recorded.runs) or any(row.detail for row in recorded.differences)
    return bool(recorded.parity) and not fails and not lacking


def blamed(found: Iterable[Parity], consequences: Consequences) -> str:
    """Name the module and quantity, or module and contract check, of every record."""
    names = (f"{named(record)}{consequences.fails(record)}" for record in sorted(found, key=order))
    return safe(listed(list(dict.fromkeys(names)), 12), most=2000)


def unjudged(records: Iterable[Parity]) -> str:
    """Name what was void or in error: of a module with many quantities how many checks, once."""
    found = sorted((record for record in records if standing(record) in UNJUDGED), key=order)
    names = []
    for module, alike in grouped(found, lambda record: record.module).items():
        of_module = list(dict.fromkeys(map(named, alike)))
        checks = {record.check for record in alike}
        names += of_module if len(of_module) <= MOST_NAMED else [f"{module} in {counted(len(checks), 'check')}"]
    return safe(listed(names, 12), most=2000)


def named(record: Parity) -> str:
    return f"{record.module} {display(record.quantity) if weighs_values(record) else record.check}"


def modules(records: Iterable[Parity]) -> str:
    """Return one row a module: what a reader wants to know first."""
    return f"{table(MODULES, by_module(records))}\n\n{readings(*MODULES)}"


def who_is_closer(records: Iterable[Parity]) -> str:
    """Return one row a module: how much was compared, and how often which side is closer to the truth."""
    pools = by_module(records)
    return f"{table(CLOSER, pools)}\n\n{readings(*CLOSER)}" if pools else "Nothing was compared."


def by_module(records: Iterable[Parity]) -> list[Pool]:
    """Return the records of every module pooled, by name."""
    groups = grouped(records, lambda record: record.module)
    return [pool(groups[module]) for module in sorted(groups)]
