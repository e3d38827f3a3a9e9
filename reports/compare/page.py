"""The page of a comparison, in Markdown, and what the terminal and the summary of a job say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.columns import RIGHT, Column, table
from reports.compare.cautions import cautions
from reports.compare.changes import NEAR, Change, Changes, Kind
from reports.compare.times import FASTER, SLOWER, Moved, Times
from reports.perf.record import TimeRatio
from reports.record import Run
from reports.text import ABSENT, counted, figure, listed, safe

MOST_ROWS = 60  # of one table
MOST_LISTED = 12  # changes that the terminal tells
MOST_SUMMARY = 10_000  # bytes


@dataclass(frozen=True)
class ComparedRuns:
    """Two runs beside one another."""

    old: str  # as the command line names them
    new: str
    grown: float
    changes: Changes | None = None  # None where one of them has no records
    times: Times | None = None  # None where one of them has no times

    @property
    def failing(self) -> Sequence[Change]:
        return self.changes.failing if self.changes else ()


CHANGES: Sequence[Column[Change]] = (
    Column("module", lambda one: safe(one.module)),
    Column("what", lambda one: safe(one.what)),
    Column("cause", lambda one: safe(one.cause) or ABSENT),
    Column("aspect", lambda one: safe(one.aspect)),
    Column("quantities", lambda one: f"{one.count:,}", RIGHT),
    Column("error before", lambda one: figure(one.before), RIGHT),
    Column("now", lambda one: figure(one.after), RIGHT),
    Column("where it is largest", lambda one: example(one)),
)
OF_MODULES = (CHANGES[0], CHANGES[4], Column[Change]("for instance", lambda one: example(one)))
TIMES: Sequence[Column[Moved]] = (
    Column("row", lambda one: safe(f"{one.row.module} {one.row.case} {one.row.mode} {one.row.device}")),
    Column("before", lambda one: interval(one.before), RIGHT),
    Column("now", lambda one: interval(one.after), RIGHT),
)
COLUMNS = {Kind.MISSING: OF_MODULES, Kind.COMPARED: OF_MODULES}
TITLES = {
    Kind.WRONG: "Newly wrong",
    Kind.MENDED: "Mended",
    Kind.DRIFTED: "Drifted towards the limit",
    Kind.MISSING: "Newly missing",
    Kind.COMPARED: "Newly compared",
}


def example(change: Change) -> str:
    """Return the cell with the largest error."""
    _, _, case, check, quantity, device, dtype, regime, scale = change.example
    return safe(f"{case}, {check} of {quantity}, {dtype.removeprefix('torch.')}, {regime}, {device}, dy of {scale}")


def interval(time: TimeRatio) -> str:
    return f"{figure(time.ratio)} [{figure(time.low)}, {figure(time.high)}]"


def lines(compared: ComparedRuns) -> list[str]:
    """Return what a terminal says: the verdict, a count of each kind of change, and what is newly wrong."""
    said = []
    if compared.changes:
        changes = compared.changes
        counts = ", ".join(f"{changes.count(kind):,} {kind}" for kind in Kind)
        still = f"{changes.same['right']:,} right and {changes.same['wrong']:,} wrong as before"
        said.append(f"{counts}; {still}")
        told = sorted(changes.of(Kind.WRONG), key=lambda one: not one.fails)
        said += [f"  newly wrong: {words(one)}" for one in told[:MOST_LISTED]]
        if len(told) > MOST_LISTED:
            said.append(f"  and {len(told) - MOST_LISTED:,} more")
        for which, fails in (("", False), (" altogether", True)):
            gone = [f"{one.module} ({one.count:,})" for one in changes.of(Kind.MISSING) if one.fails is fails]
            said += [f"  newly missing{which}: {listed(gone, MOST_LISTED)}"] if gone else []
    if compared.times:
        said.append(of_times(compared.times))
    return said


def words(change: Change) -> str:
    """Return a change on one line."""
    cause = f": {change.cause}" if change.cause else ""
    only = "" if change.fails else f" (in {change.aspect} alone, which fails no run)"
    return f"{change.module} {change.what}, {counted(change.count, 'quantity')}{cause}{only}"


def of_times(times: Times) -> str:
    if times.untold:
        return f"times are not compared: {times.untold}"
    slower, faster = (len(times.of(how)) for how in (SLOWER, FASTER))
    return f"times: {slower} slower, {faster} faster, {times.level} level, {times.apart} in one run alone"


def verdict(compared: ComparedRuns) -> str:
    """Return what came of it, in one sentence."""
    if compared.changes is None:
        return "The two hold no records of compared quantities: nothing is said but of times."
    failing = sum(one.count for one in compared.failing if one.kind is Kind.WRONG)
    modules = sum(one.kind is Kind.MISSING for one in compared.failing)
    missing = compared.changes.count(Kind.MISSING)
    gone = f"; {counted(missing, 'quantity')} newly missing" if missing else ""
    if failing:
        return f"**✗ {counted(failing, 'quantity')} newly wrong{gone}.**"
    if modules:
        return f"**✗ {counted(modules, 'module')} no longer compared{gone}.**"
    of_runs = " that fails a run" if compared.changes.count(Kind.WRONG) else ""
    return f"**✓ Nothing is newly wrong{of_runs}{gone}.**"


def render(compared: ComparedRuns) -> str:
    """Return the page."""
    parts = [f"# From {safe(compared.old)} to {safe(compared.new)}", verdict(compared)]
    parts.append("\n".join(f"- {safe(line.strip(), most=1000)}" for line in lines(compared)))
    if compared.changes:
        changes = compared.changes
        parts.append(of_runs(changes.old, changes.new))
        parts += cautions(changes.old, changes.new)
        parts += [
            section(TITLES[kind], COLUMNS.get(kind, CHANGES), changes.of(kind)) for kind in Kind if changes.of(kind)
        ]
    if compared.times:
        for how in (SLOWER, FASTER):
            if compared.times.of(how):
                parts.append(section(how.capitalize(), TIMES, compared.times.of(how)))
    return "\n\n".join([*parts, legend(compared)]) + "\n"


def of_runs(old: Sequence[Run], new: Sequence[Run]) -> str:
    """Return a table of what the runs were."""
    columns = (
        Column[tuple[str, Run]]("", lambda one: one[0]),
        Column[tuple[str, Run]]("subject", lambda one: safe(one[1].subject)),
        Column[tuple[str, Run]]("date", lambda one: safe(one[1].started)),
        Column[tuple[str, Run]]("commit", lambda one: safe(one[1].commit) or ABSENT),
        Column[tuple[str, Run]]("of the suite", lambda one: safe(one[1].suite) or ABSENT),
        Column[tuple[str, Run]]("command", lambda one: safe(one[1].command)),
    )
    return table(columns, [*(("before", run) for run in old), *(("now", run) for run in new)])


def section(title: str, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> str:
    more = f"\n\nand {len(rows) - MOST_ROWS:,} more lines." if len(rows) > MOST_ROWS else ""
    return f"## {title}\n\n{table(columns, rows[:MOST_ROWS])}{more}"


def legend(compared: ComparedRuns) -> str:
    """Return the rules."""
    rules = [
        "**Newly wrong** is what is wrong now and was not before, whether it was right or not compared, or was wrong "
        "only in a way that fails no run; it fails the comparison if the newer run fails on it: on a crash and on what "
        "proves nothing always, else on its aspect (numbers and behaviour, unless `--fail-on` named others).",
        "**Mended** is what was wrong and is right.",
        "**Drifted** is what is right in both, with an error (in units of u · gauge) that is at least "
        f"{compared.grown:g} times as large as before and at least {NEAR:g} of the limit.",
        "**Newly missing** was compared before and is not now, or is unsupported; **newly compared** the other way. A "
        "module of which nothing is compared any more fails the comparison, unless the newer run was asked for less.",
        "A quantity is that of one cell; where a check compares it several times the worst stands for all.",
    ]
    if compared.times:
        rules.append(
            "**Slower** is a row whose interval of subject / torch lies wholly above that of before, and by more than "
            f"the margin of {compared.times.margin:g}; faster the other way. Times fail no comparison."
        )
    return "## How to read this\n\n" + "\n".join(f"- {rule}" for rule in rules)


def summary(compared: ComparedRuns) -> str:
    """Return what the summary of a job says, in at most 10 KB."""
    head = [f"## From {safe(compared.old)} to {safe(compared.new)}", "", verdict(compared), ""]
    said = [*head, *(f"- {safe(line.strip(), most=600)}" for line in lines(compared))]
    while len("\n".join(said).encode()) >= MOST_SUMMARY:
        said.pop()
    return "\n".join(said) + "\n"
