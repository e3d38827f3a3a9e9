"""The page of a timing run, in Markdown."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.perf import paper_004 as perf_paper_004
from reports.perf.legend import LEGEND
from reports.perf.reading import Timed, gather
from reports.text import ABSENT, counted, figure, pairs, percent, safe, table

GLYPHS = {
    "FASTER": "▲ FASTER",
    "LEVEL": "= LEVEL",
    "SLOWER": "▼ SLOWER",
    "UNCLEAR": "? UNCLEAR",
    "VOID": "∅ VOID",
    "IMPOSSIBLE": "! IMPOSSIBLE",
    "UNSUPPORTED": "○ UNSUPPORTED",
    "ERROR": "! ERROR",
}
COLUMNS = (
    "module", "case", "mode", "torch", "subject", "ratio [low, high]", "verdict", "rate, torch / subject",
    "% of ceiling", "peak, torch / subject", "saved, torch / subject", "torch.compile / torch",
)  # fmt: skip
WANTED = 0.015  # half-width that rows are meant to reach
FIGURE = "figures/perf.svg"


def render(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of one run; raise ValueError that says what its file lacks."""
    found = gather(documents[0])
    sections = {
        "In five seconds": five_seconds(found),
        "Trust in these figures": trust(found),
        "What was not timed and why": not_timed(found),
        "All rows": rows(found),
        "Table III of paper 004": perf_paper_004.section(found.findings),
        "How to read this": LEGEND,
    }
    return "\n\n".join([title(found), *(f"## {name}\n\n{text}" for name, text in sections.items())]) + "\n"


def title(found: Timed) -> str:
    run = found.run
    facts = [
        ("subject", safe(run.subject)),
        ("noise grade", grade(found)),
        (
            "gate",
            "none: ratios are reported, none fails" if found.gate is None else f"subject / torch ≤ {found.gate:g}",
        ),
        ("date", safe(run.started)),
        ("machine", pairs(run.machine)),
        ("versions", pairs(run.versions)),
        ("settings", pairs(run.settings)),
        ("ceilings", ceilings(found)),
        ("commit", safe(run.commit) or "none, outside a git checkout"),
        ("command", safe(run.command, most=1000)),
    ]
    return f"# Time beside torch.nn: {safe(run.subject)}\n\n{table(('run', ''), facts)}"


def grade(found: Timed) -> str:
    if found.selftest is None:
        return "unknown: the self-test has not run on this machine (make bench-selftest)"
    return f"**{found.selftest['grade']}**, by the self-test of {safe(str(found.selftest['started']))}"


def ceilings(found: Timed) -> str:
    words = []
    for device, one in found.ceilings.items():
        rates = [rate / 1e9 for rate in one["bytes_per_second"].values()]
        span = f"{figure(min(rates))} to {figure(max(rates))} GB/s by working set"
        words.append(f"{device}: {span}, {figure(one['flops_per_second'] / 1e9)} GFLOP/s")
    return "; ".join(words) or ABSENT


def counts(found: Timed) -> str:
    verdicts = Counter(one["verdict"] for one in found.findings)
    return ", ".join(f"{verdicts[name]} {glyph}" for name, glyph in GLYPHS.items() if verdicts[name])


def five_seconds(found: Timed) -> str:
    seen = len(found.findings)
    sentences = []
    if seen < found.rows or not found.run.complete:
        sentences.append(f"**INCOMPLETE**: {seen} of {counted(found.rows, 'row')} were measured.")
    timed = [one for one in found.findings if one["ratio"] is not None]
    sentences.append(f"{counted(seen, 'row')}: {counts(found)}." if seen else "**Nothing was timed.**")
    if timed:
        ratios = sorted(one["ratio"] for one in timed)
        middle = ratios[len(ratios) // 2]
        sentences.append(
            f"The subject takes {figure(middle)} times torch's time in the median row, {figure(ratios[0])} in the best "
            f"and {figure(ratios[-1])} in the worst."
        )
    picture = f"\n\n![Ratio of every row, a dot and its interval]({FIGURE})" if timed else ""
    return " ".join(sentences) + picture


def half_width(found: Mapping[str, Any]) -> float:
    return math.log(found["high"] / found["low"]) / 2 if found["low"] else math.inf


def trust(found: Timed) -> str:
    """Say how wide the intervals are, and what the self-test found."""
    widths = sorted(half_width(one) for one in found.findings if one["ratio"] is not None)
    lines = []
    if widths:
        narrow = sum(width <= WANTED for width in widths)
        at = [widths[min(len(widths) - 1, int(q * len(widths)))] for q in (0.5, 0.95)]
        lines.append(
            f"- Half-widths of the intervals: median {100 * at[0]:.2f} %, 95th percentile {100 * at[1]:.2f} %; "
            f"{narrow} of {len(widths)} ({percent(narrow, len(widths))} %) are within {100 * WANTED:g} %."
        )
    test = found.selftest
    if test is not None:
        lines += [f"- Self-test, {safe(name)}: {safe(str(value))}" for name, value in test["results"].items()]
    return "\n".join(lines) or "Nothing was timed, and the self-test has not run."


def not_timed(found: Timed) -> str:
    """List what has no time, and what was left out, each with its reason and count."""
    items = [safe(sentence, most=1000) for sentence in found.run.not_run]
    items += [
        f"{name(one)}: {GLYPHS.get(one['verdict'], safe(one['verdict']))}, {safe(one['detail'])}"
        for one in found.findings
        if one["ratio"] is None or one["verdict"] in ("VOID", "IMPOSSIBLE", "ERROR")
    ]
    notes = Counter(one["compile_note"] for one in found.findings if one.get("compile_note"))
    items += [f"torch.compile, {counted(count, 'row')}: {safe(note)}" for note, count in notes.items()]
    return "\n".join(f"- {item}" for item in items) or "Everything that was asked for was timed."


def name(one: Mapping[str, Any]) -> str:
    return safe(
        f"{one['module']} {one['case']} {one['mode']}" + ("" if one["device"] == "cpu" else f" {one['device']}")
    )


def rows(found: Timed) -> str:
    timed = [row(one) for one in found.findings if one["ratio"] is not None]
    return table(COLUMNS, timed, "lllrrrlrrrrr") if timed else "No row was timed."


def row(one: Mapping[str, Any]) -> list[str]:
    module = one["module"] if one["device"] == "cpu" else f"{one['module']} ({one['device']})"
    ratio = f"**{one['ratio']:.3f}** [{one['low']:.3f}, {one['high']:.3f}]"
    compiled = ABSENT
    if one.get("compile_ratio") is not None:
        compiled = f"{one['compile_ratio']:.2f} [{one['compile_low']:.2f}, {one['compile_high']:.2f}]"
    return [
        *(safe(word) for word in (module, one["case"], one["mode"])),
        duration(one["reference_seconds"]),
        duration(one["subject_seconds"]),
        ratio,
        GLYPHS[one["verdict"]],
        f"{both(one, 'rate', 1, figure)} {one['unit']}" if one["unit"] else ABSENT,
        both(one, "share", 100, lambda value: f"{value:.0f}"),
        both(one, "peak_bytes", 1, size),
        both(one, "saved_bytes", 1, size),
        compiled,
    ]


def both(one: Mapping[str, Any], field: str, scale: float, shown: Any) -> str:
    """Return torch's figure and the subject's."""
    values = (one.get(f"{side}_{field}") for side in ("reference", "subject"))
    return " / ".join(ABSENT if value is None else shown(scale * value) for value in values)


def duration(seconds: float) -> str:
    """Return seconds in the unit that suits them."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{figure(seconds / scale)} {unit}"
    return f"{figure(seconds / 1e-9)} ns"


def size(count: float) -> str:
    """Return bytes in the binary unit that suits them."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= scale:
            return f"{figure(count / scale)} {unit}"
    return f"{count:.0f} B"
