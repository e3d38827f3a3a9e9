"""The page of a timing run, in Markdown."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.columns import readings, table
from reports.header import header
from reports.perf import groups
from reports.perf import paper_004 as perf_paper_004
from reports.perf.columns import GLYPHS, ON_DEVICE, ROWS
from reports.perf.legend import LEGEND
from reports.perf.reading import Timed, gather
from reports.perf.record import RowFinding, TimeRatio
from reports.text import ABSENT, counted, figure, percent, safe

FACTS = (
    "subject", "noise grade", "gate", "date", "machine", "versions", "settings", "ceilings", "commit", "command",
)  # fmt: skip
WANTED = 0.015  # half-width that rows are meant to reach
FIGURE = "figures/perf.svg"


def render(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of one run; raise ValueError that says what its file lacks."""
    return page_of(gather(documents[0]))


def page_of(timed: Timed) -> str:
    """Return the page of findings that are read already."""
    sections = {
        "In five seconds": five_seconds(timed),
        "In groups": groups.section(timed.findings),
        "Trust in these figures": trust(timed),
        "What was not timed and why": not_timed(timed),
        "All rows": rows(timed),
        "Table III of paper 004": perf_paper_004.section(timed.findings),
        "How to read this": LEGEND,
    }
    return "\n\n".join([title(timed), *(f"## {name}\n\n{text}" for name, text in sections.items())]) + "\n"


def title(timed: Timed) -> str:
    return f"# Time beside torch.nn: {safe(timed.run.subject)}\n\n{header(timed.run, FACTS, own(timed))}"


def own(timed: Timed) -> dict[str, str]:
    """Return the facts of a timing run that other runs lack."""
    gate = "none: ratios are reported, none fails" if timed.gate is None else f"subject / torch ≤ {timed.gate:g}"
    return {
        "subject": safe(timed.run.subject),
        "noise grade": grade(timed),
        "gate": gate,
        "ceilings": ceilings(timed),
    }


def grade(timed: Timed) -> str:
    if timed.selftest is None:
        return "unknown: the self-test has not run on this machine (make bench-selftest)"
    return f"**{safe(timed.selftest['grade'])}**, by the self-test of {safe(str(timed.selftest['started']))}"


def ceilings(timed: Timed) -> str:
    words = []
    for device, one in timed.ceilings.items():
        rates = [rate / 1e9 for rate in one["bytes_per_second"].values()]
        span = f"{figure(min(rates))} to {figure(max(rates))} GB/s by working set"
        words.append(f"{device}: {span}, {figure(one['flops_per_second'] / 1e9)} GFLOP/s")
    return "; ".join(words) or ABSENT


def tally(findings: Sequence[RowFinding]) -> str:
    """Return how many rows have which verdict."""
    verdicts = Counter(row.verdict for row in findings)
    return ", ".join(f"{verdicts[name]} {glyph}" for name, glyph in GLYPHS.items() if verdicts[name])


def ratios(timed: Timed) -> list[TimeRatio]:
    """Return the ratio of every row that has one, the smallest first."""
    return sorted((row.time for row in timed.findings if row.time), key=lambda time: time.ratio)


def lacking(timed: Timed) -> str:
    """Return in one sentence why this is not a finished run; empty if it is."""
    seen = len(timed.findings)
    if seen < timed.rows or not timed.run.complete:
        return f"{seen} of {counted(timed.rows, 'row')} were measured."
    return ""


def five_seconds(timed: Timed) -> str:
    """Return what came of the run, and its picture; beside a killed run the picture is that of the run before."""
    said = " ".join(sentences(timed))
    shown = ratios(timed) and not lacking(timed)
    return f"{said}\n\n![Ratio of every row, a dot and its interval]({FIGURE})" if shown else said


def sentences(timed: Timed) -> list[str]:
    """Return how many rows have which verdict, and the range of the ratios."""
    seen, every = len(timed.findings), ratios(timed)
    said = []
    if lacking(timed):
        said.append(f"**INCOMPLETE**: {lacking(timed)}")
    said.append(f"{counted(seen, 'row')}: {tally(timed.findings)}." if seen else "**Nothing was timed.**")
    if every:
        least, middle, most = (figure(every[place].ratio) for place in (0, len(every) // 2, -1))
        said.append(
            f"The subject takes {middle} times torch's time in the median row, {least} in the best and {most} in the "
            "worst."
        )
    return said


def half_width(time: TimeRatio) -> float:
    return math.log(time.high / time.low) / 2 if time.low else math.inf


def trust(timed: Timed) -> str:
    """Say how wide the intervals are, and what the self-test gave."""
    widths = sorted(map(half_width, ratios(timed)))
    lines = []
    if widths:
        narrow = sum(width <= WANTED for width in widths)
        at = [widths[min(len(widths) - 1, int(q * len(widths)))] for q in (0.5, 0.95)]
        lines.append(
            f"- Half-widths of the intervals: median {100 * at[0]:.2f} %, 95th percentile {100 * at[1]:.2f} %; "
            f"{narrow} of {len(widths)} ({percent(narrow, len(widths))} %) are within {100 * WANTED:g} %."
        )
    if timed.selftest is not None:
        results = timed.selftest["results"].items()
        lines += [f"- Self-test, {safe(name)}: {safe(str(value))}" for name, value in results]
    return "\n".join(lines) or "Nothing was timed, and the self-test has not run."


def not_timed(timed: Timed) -> str:
    """List what has no time, and what was left out, each with its reason and count."""
    items = [safe(sentence, most=1000) for sentence in timed.run.not_run]
    items += [
        f"{name(row)}: {GLYPHS.get(row.verdict, safe(row.verdict))}, {safe(row.detail)}"
        for row in timed.findings
        if row.time is None or row.verdict in ("VOID", "IMPOSSIBLE", "ERROR")
    ]
    untimed: dict[str, list[str]] = {}
    for row in timed.findings:
        if row.untimed:
            untimed.setdefault(row.untimed, []).append(name(row))
    items += [
        f"{safe(words)}, by the library's convention, and each run is timed by itself on both sides: {', '.join(names)}"
        for words, names in untimed.items()
    ]
    notes = Counter(row.compile_note for row in timed.findings if row.compile_note)
    items += [f"torch.compile, {counted(count, 'row')}: {safe(note)}" for note, count in notes.items()]
    return "\n".join(f"- {item}" for item in items) or "Everything that was asked for was timed."


def name(row: RowFinding) -> str:
    return safe(f"{row.module} {row.case} {row.mode}" + ("" if row.device == "cpu" else f" {row.device}"))


def rows(timed: Timed) -> str:
    """Return the table of all rows; below it what a fresh process said of slow ones, and what a device has besides."""
    shown = [row for row in timed.findings if row.time]
    if not shown:
        return "No row was timed."
    confirmed = "\n".join(f"- {name(row)}: {safe(row.confirmed)}" for row in shown if row.confirmed)
    on_device = [row for row in shown if row.on_device.cold]
    besides = f"On the device besides. {readings(*ON_DEVICE)}\n\n{table(ON_DEVICE, on_device)}" if on_device else ""
    return "\n\n".join(filter(None, [table(ROWS, shown), confirmed, besides]))
