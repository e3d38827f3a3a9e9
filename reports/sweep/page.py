"""The page of a sweep, in Markdown: how often the subject was wrong, or was accused, and in what nobody chose."""

import math
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from reports.columns import RIGHT, Column, table
from reports.command import called
from reports.header import NO_RUN, header
from reports.sweep.intervals import interval
from reports.sweep.reading import Cost, Sweep, SweptCause, SweptKey
from reports.sweep.record import FINEST
from reports.text import ABSENT, code, counted, figure, folded, listed, safe

HEADING = "# Sweep"
FIGURE = "figures/sweep.svg"
FACTS = ("date", "machine", "versions", "seed", "settings", "commit", "command")
MOST_CAUSES, MOST_UNMET, MOST_REASONS, MOST_PAIRS, MOST_WORDS = 40, 12, 20, 6, 2000
READING = (
    "**A configuration** is one cell: a module, its options and shapes, a dtype, a regime, a scale of the cotangent, "
    "layouts in memory and a seed, all drawn from the space of the module's page by its number. The configuration with "
    "a number is the same on every machine, and for every subject of the same modules and dtypes. Options are plain "
    "more often than not, so that what is wrong can be told; some numbers are near those of the space, none of them. "
    "**Wrong**: a configuration in which a quantity failed, or the call ended in an error. **Interval**: Clopper and "
    "Pearson's, 95 %. Of a subject that is right the rate is that of false alarms. **Errors** are in u · gauge, the "
    "largest of each quantity; each is counted in a bin of half a decade, of which the upper end is shown."
)


def page_of(sweep: Sweep, folder: Path) -> str:
    """Return the page of records that were added up, with the figure that lies in the folder, if one does."""
    shown = {"In five seconds": " ".join(sentences(sweep))} | sections(sweep)
    if (folder / FIGURE).is_file():
        shown["What it cost"] += f"\n\n![Hours of a core over configurations]({FIGURE})"
    body = (f"## {heading}\n\n{text}" for heading, text in shown.items())
    return "\n\n".join([title(sweep), *body]) + "\n"


def title(sweep: Sweep) -> str:
    named = f": {safe(sweep.runs[0].subject)}" if sweep.runs else ""
    return f"{HEADING}{named}\n\n{header(sweep.runs[0], FACTS) if sweep.runs else NO_RUN}"


def sections(sweep: Sweep) -> dict[str, str]:
    """Return what stands behind the sentences, by heading."""
    return {
        "What failed, by cause": failed(sweep),
        "How often, by dtype": often(sweep, "dtype"),
        "How often, by regime": often(sweep, "regime"),
        "How often, by module": folded("Every module", often(sweep, "module")),
        "Errors of the subject, and of torch.nn": folded("Every module", table(ERRORS, errors(sweep))),
        "What was met": met(sweep),
        "What is not supported": lacking(sweep),
        "What it cost": cost(sweep),
        "What did not run and why": not_run(sweep),
        "How to read this": READING,
    }


def sentences(sweep: Sweep) -> Iterator[str]:
    """Yield the verdict, and the figures behind it."""
    if sweep.unfinished:
        yield f"**INCOMPLETE**: {sweep.unfinished}"
    rate = next(iter(rates(sweep, "all")), None)
    if rate is None:
        yield "**Nothing was asked.**"
        return
    modules = counted(len({key.module for key in sweep.counts}), "module")
    if not rate.compared:
        yield f"**Nothing was compared** in {counted(rate.cells, 'configuration')}."
        return
    verdict = "No configuration is wrong" if not rate.wrong else f"{counted(rate.wrong, 'configuration')} wrong"
    yield f"**{verdict}** of {rate.compared:,} compared, in {modules}: {rate.said}."
    quantities = counted(sweep.total("quantities"), "quantity")
    lacking = f"; {rate.unsupported:,} of {rate.cells:,} configurations are not supported" if rate.unsupported else ""
    yield f"{quantities} were compared{lacking}."
    if sweep.causes:
        yield f"{counted(len(sweep.causes), 'cause')} told apart."


class WrongRate(NamedTuple):
    """How many of some configurations are wrong."""

    name: str
    cells: int
    wrong: int
    unsupported: int
    quantities: int

    @property
    def compared(self) -> int:
        return self.cells - self.unsupported

    @property
    def said(self) -> str:
        """The rate with its interval, in words."""
        if not self.compared:
            return ABSENT
        low, high = interval(self.wrong, self.compared)
        return f"{per_cent(self.wrong / self.compared)} %, {per_cent(low)} to {per_cent(high)} %"


def per_cent(share: float) -> str:
    return f"{100 * share:.3g}"


def rates(sweep: Sweep, by: str) -> list[WrongRate]:
    """Return the rates by a field of the keys, or of all of them."""
    groups = sweep.by(by) if by != "all" else {"all": list(sweep.counts)}
    return [rate_of(sweep, name, keys) for name, keys in groups.items() if keys]


def rate_of(sweep: Sweep, name: str, keys: Sequence[SweptKey]) -> WrongRate:
    cells, wrong, unsupported, quantities = (
        sweep.total(what, keys) for what in ("cells", "wrong", "unsupported", "quantities")
    )
    return WrongRate(name, cells, wrong, unsupported, quantities)


def often(sweep: Sweep, by: str) -> str:
    """Return a table of the rates by a field of the keys."""
    named = Column[WrongRate](by, lambda rate: safe(rate.name))
    return table((named, *RATES), rates(sweep, by))


RATES: Sequence[Column[WrongRate]] = (
    Column("configurations", lambda rate: f"{rate.cells:,}", RIGHT),
    Column("compared", lambda rate: f"{rate.compared:,}", RIGHT),
    Column("quantities", lambda rate: f"{rate.quantities:,}", RIGHT),
    Column("wrong", lambda rate: f"{rate.wrong:,}", RIGHT),
    Column("rate, 95 % interval", lambda rate: rate.said, RIGHT),
)


class ErrorRow(NamedTuple):
    """How errors of a module are distributed on both sides."""

    module: str
    subject: Sequence[str]
    reference: Sequence[str]


QUANTILES = (0.5, 0.99, 0.9999)
OF_ERRORS = ("median", "99 %", "99.99 %", "largest")


def errors(sweep: Sweep) -> list[ErrorRow]:
    modules = sorted({module for module, _ in sweep.errors})
    return [ErrorRow(module, *(spread(sweep, module, side) for side in ("subject", "reference"))) for module in modules]


def spread(sweep: Sweep, module: str, side: str) -> list[str]:
    """Return quantiles of the errors of a side, and the largest."""
    bins = sweep.errors[module, side]
    if not bins:
        return [ABSENT] * len(OF_ERRORS)
    return [*(figure(quantile(bins, share)) for share in QUANTILES), figure(sweep.largest[module, side])]


def quantile(bins: dict[int, int], share: float) -> float:
    """Return the upper end of the bin in which a share of the errors is reached."""
    reached, wanted = 0, share * sum(bins.values())
    for at in sorted(bins):
        reached += bins[at]
        if reached >= wanted:
            return float(10 ** (at / FINEST))
    return math.nan


ERRORS: Sequence[Column[ErrorRow]] = (
    Column("module", lambda row: safe(row.module)),
    *(Column(f"{name}", lambda row, at=at: row.subject[at], RIGHT) for at, name in enumerate(OF_ERRORS)),  # type: ignore[misc]
    *(Column(f"torch.nn, {name}", lambda row, at=at: row.reference[at], RIGHT) for at, name in enumerate(OF_ERRORS)),  # type: ignore[misc]
)


def failed(sweep: Sweep) -> str:
    """Return the causes, the commonest first, each with its examples."""
    if not sweep.causes:
        return "Nothing failed."
    ordered = sorted(sweep.causes.values(), key=lambda cause: -cause.count)
    lines = [f"- {line}" for cause in ordered[:MOST_CAUSES] for line in [told(sweep, cause)]]
    more = len(ordered) - MOST_CAUSES
    if more > 0:
        lines.append(f"- and {counted(more, 'cause')} more, in the records")
    if sweep.not_kept:
        lines.append(
            f"\nOf {counted(sweep.not_kept, 'further quantity')} that failed nothing is kept but that they did."
        )
    return "\n".join(lines)


def told(sweep: Sweep, cause: SweptCause) -> str:
    """Return a cause in one item: what fails, what it looks like, one configuration, and how to ask again."""
    first = cause.examples[0]
    at = ", ".join(f"{name}={value}" for name, value in first["options"].items())
    where = [str(first["x"]), at, f"{first['dtype']} {first['regime']}", first["layouts"]]
    numbers = ", ".join(str(one["configuration"]) for one in cause.examples)
    seen = f"{counted(cause.count, 'failure')} kept"
    command = code(again(sweep, first["configuration"]), most=MOST_WORDS)
    return (
        f"**{safe(cause.module)} {safe(cause.quantity)}**: {safe(cause.words)} ({seen}; for instance "
        f"{safe(', '.join(filter(None, where)))}; configuration {numbers}: {command})"
    )


def again(sweep: Sweep, number: int) -> str:
    """Return the command that asks one configuration again."""
    run, scope = sweep.runs[0] if sweep.runs else None, sweep.scopes[0] if sweep.scopes else None
    words = ["--subject", (run.source or run.subject) if run else "SUBJECT"]
    for page in run.pages if run else ():
        words += ["--pages", page]
    if scope is not None:
        words += [] if scope.every else ["--module", ",".join(scope.modules)]
        words += ["--seed", str(scope.seed), *(["--device", scope.device] if scope.device != "cpu" else [])]
    return f"{called()} sweep {shlex.join(words)} --only {number}"


def met(sweep: Sweep) -> str:
    """Return what of the spaces was met, and what was not."""
    both = {module: sweep.pairs_met(module) for module in sweep.values()}
    seen, every = (sum(counts[at] for counts in both.values()) for at in (0, 1))
    said = f"{seen:,} of {every:,} pairs of values of two options were met by a configuration that was compared."
    never = [f"{safe(module)} {safe(name)}: {safe(listed(words, MOST_UNMET))}" for module, name, words in sweep.unmet()]
    pairs = [
        f"{safe(module)}: {met:,} of {of:,} met; not {safe(listed(sweep.pairs_unmet(module), MOST_PAIRS))}"
        for module, (met, of) in both.items()
        if met < of
    ]
    parts = [f"{said} Of pairs that were not, torch.nn refuses many."]
    for items, what in ((never, "option"), (pairs, "module")):
        kind = "values" if what == "option" else "pairs"
        if items:
            text = "\n".join(f"- {item}" for item in items)
            parts.append(folded(f"{counted(len(items), what)} with {kind} that were never met", text))
    return "\n\n".join(parts)


def lacking(sweep: Sweep) -> str:
    """Return why configurations are not supported, the commonest reasons first."""
    reasons = [f"- {safe(reason)}: {count:,}" for reason, count in sweep.lacking.most_common(MOST_REASONS)]
    more = len(sweep.lacking) - len(reasons)
    if more:
        reasons.append(f"- and {counted(more, 'reason')} more, in the records")
    return "\n".join(reasons) or "Every configuration is supported."


def cost(sweep: Sweep) -> str:
    """Return what a configuration cost, at the beginning and at the end."""
    costs = [sweep.costs[number] for number in sorted(sweep.costs)]
    cells, seconds = sum(one.cells for one in costs), sum(one.cpu_seconds for one in costs)
    waited = sum(one.seconds for one in costs)
    if not cells:
        return "Nothing was done."
    tenth = max(1, len(costs) // 10)
    first, last = rate(costs[:tenth]), rate(costs[-tenth:])
    memory = [max(one.megabytes for one in part) for part in (costs[:tenth], costs[-tenth:])]
    return (
        f"{1000 * seconds / cells:.1f} ms of a core a configuration, {seconds / 3600:.2f} hours of a core in all, "
        f"{waited / 3600:.2f} by the clock of the processes, of which other work may have had a part. "
        f"Of a core's second the first tenth did {first:.1f} configurations, the last {last:.1f} "
        f"({100 * (last / first - 1):+.0f} %). The largest process held {memory[0]:.0f} MB, and {memory[1]:.0f} MB. "
        "What a library in a process of its own took there is not counted."
    )


def rate(costs: Sequence[Cost]) -> float:
    """Return configurations a second of a core."""
    return max(1e-9, sum(one.cells for one in costs)) / max(1e-9, sum(one.cpu_seconds for one in costs))


def not_run(sweep: Sweep) -> str:
    reasons = [f"- {safe(reason)}" for run in sweep.runs for reason in (*run.not_run, *run.faults)]
    return "\n".join(reasons) or "Everything that was asked for ran."
