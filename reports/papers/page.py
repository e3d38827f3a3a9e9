"""papers.md: the papers' tables rebuilt, paper beside torch.nn beside the framework, with claims and figures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.papers.record import Choice, Curve, Figure, Found, Gate, Lockstep, Patches, Region, Timing
from reports.parity import paper_004
from reports.reading import gather, restore
from reports.record import Run, read
from reports.text import ABSENT, counted, figure, pairs, safe, table

KINDS: dict[str, Any] = {
    "paper": Figure, "paper-gate": Gate, "paper-choice": Choice, "paper-curve": Curve, "paper-lockstep": Lockstep,
    "paper-region": Region, "paper-patches": Patches, "paper-timing": Timing,
}  # fmt: skip
TITLES = {
    "000": "Paper 000: myNN",
    "001": "Paper 001: initialisers, schedules, early stopping",
    "002": "Paper 002: Autogradlib",
    "003": "Paper 003: a mini module",
    "004": "Paper 004: convolution from scratch",
}
CAPTIONS = {
    "loss": "Loss by epoch", "errors": "Errors by epoch", "curves": "Learning curves",
    "figure-2": "Figure 2, run again",
    "region": "Test points as classified over the true disk", "lockstep": "Drift between the two sides, step by step",
    "patches-ours": "Denoised by the framework", "patches-torch.nn": "Denoised by torch.nn",
}  # fmt: skip
LEVEL = 0.05
TIMES = "papers-time.jsonl"  # what papers-time writes
READING = (
    "Every training is run on both sides from the same initial bits, on the same data, in the same batches. "
    "The standard deviation over the runs stands in brackets. *Effect* is the Hodges-Lehmann estimate of ours minus "
    "torch.nn over the pairs of runs, with its interval of 95 % where there are six runs or more; *p* is Wilcoxon's "
    "signed-rank test of the pairs. "
    "*Same number* means that every pair of runs came to the very same number."
)

TIMING = (
    "By the timing harness, in one thread on a processor: both sides in turn, rebuilt again and again (`python -m "
    "parity papers-time`). A training is its number of steps times the time of a step. torch.nn leaves out the "
    "gradient of the input, which ours returns."
)


def separated(records: Iterable[Mapping[str, Any]]) -> tuple[list[Run], list[Any], Found]:
    """Return runs, tables I and II of paper 004, and the rest by kind; raise ValueError that names a bad record."""
    found, others = Found(), []
    rooms: dict[str, list[Any]] = {
        "paper": found.figures, "paper-gate": found.gates, "paper-choice": found.choices, "paper-curve": found.curves,
        "paper-lockstep": found.lockstep, "paper-region": found.regions, "paper-patches": found.patches,
        "paper-timing": found.timings,
    }  # fmt: skip
    for position, record in enumerate(records, start=1):
        kind = str(record.get("kind"))
        if kind not in rooms:
            others.append(record)
            continue
        try:
            rooms[kind].append(restore(KINDS[kind], record))
        except (TypeError, ValueError) as error:
            raise ValueError(f"record {position} of kind {kind}: {error}") from error
    rest = gather(others)
    return rest.runs, rest.tables, found


def beside(folder: Path) -> list[dict[str, Any]]:
    """Return the records of the timing harness in the same folder; none where it has not run."""
    path = folder / TIMES
    return list(read(path)) if path.is_file() else []


def write(folder: Path) -> Path | None:
    """Render the page of a folder's records into it; None where the experiments have left none."""
    source = folder / "papers.jsonl"
    if not source.is_file():
        return None
    page = source.with_suffix(".md")
    page.write_text(render(list(read(source)), beside(folder)), encoding="utf-8", newline="\n")
    return page


def render(records: list[dict[str, Any]], times: Sequence[dict[str, Any]] = ()) -> str:
    """Return the page, with what the timing harness found; raise ValueError that names a record which is not one."""
    runs, tables, found = separated(records)
    found.timings += separated(times)[2].timings
    entries: list[Any] = [*found.figures, *found.gates, *found.lockstep]
    papers = sorted({entry.paper for entry in entries})
    parts = [title(runs), headline(found.gates), READING]
    parts += [section(paper, found, tables) for paper in papers]
    return "\n\n".join(part for part in parts if part) + "\n"


def title(runs: Sequence[Run]) -> str:
    if not runs:
        return "# The five papers, run again\n\nThere is no run record: the run ended before it had written one."
    run = runs[0]
    rows = [
        ("date", safe(run.started)), ("machine", pairs(run.machine)), ("versions", pairs(run.versions)),
        ("commit", safe(run.commit) or "none, outside a git checkout"), ("command", safe(run.command, most=1000)),
        ("not run", safe("; ".join(run.not_run)) or ABSENT),
    ]  # fmt: skip
    return f"# The five papers, run again\n\n{table(('run', ''), rows)}"


def headline(gates: Sequence[Gate]) -> str:
    """Return how many claims held, and those that did not, first."""
    if not gates:
        return "Nothing was claimed, so nothing could fail."
    failed = [gate for gate in gates if gate.verdict != "pass"]
    said = f"**{len(gates) - len(failed)} of {counted(len(gates), 'claim')} held.**"
    if not failed:
        return said
    rows = [(gate.paper, safe(gate.claim), safe(gate.found)) for gate in failed]
    return f"{said} These did not:\n\n{table(('paper', 'claim', 'found'), rows)}"


def section(paper: str, found: Found, tables: Sequence[Any]) -> str:
    """Return everything about one paper."""
    figures = [entry for entry in found.figures if entry.paper == paper]
    parts = [f"## {TITLES.get(paper, safe(paper))}"]
    choices = [entry.text for entry in found.choices if entry.paper == paper]
    parts += ["\n".join(f"- {safe(text, most=1000)}" for text in choices)] if choices else []
    for name in dict.fromkeys(entry.table for entry in figures):
        parts.append(f"### {safe(name)}\n\n{cells([entry for entry in figures if entry.table == name])}")
    if paper == "004" and tables:
        parts.append(paper_004.section(tables))
    parts += [differing(figures)]
    parts += [timed([entry for entry in found.timings if entry.paper == paper])]
    parts += [claims([gate for gate in found.gates if gate.paper == paper])]
    parts += [walked([entry for entry in found.lockstep if entry.paper == paper])]
    parts += [pictures(paper, found)]
    return "\n\n".join(part for part in parts if part)


def cells(figures: Sequence[Figure]) -> str:
    """Return one table of a paper in three columns: paper, torch.nn, ours."""
    columns = ("row", "figure", "paper", "paper's torch.nn", "torch.nn", "ours", "effect", "p", "runs")
    text = table(columns, [cell(entry) for entry in figures], "llrrrrrrr")
    notes = [f"- {safe(entry.row)}: {safe(entry.note, most=1000)}." for entry in figures if entry.note]
    return "\n\n".join([text, *(["\n".join(notes)] if notes else [])])


def cell(entry: Figure) -> tuple[str, ...]:
    name = safe(entry.column) + (", median" if entry.statistic == "median" else "")
    reference = f"{precise(entry.reference)} ({figure(entry.reference_std)})"
    subject = f"{precise(entry.subject)} ({figure(entry.subject_std)})"
    if entry.effect != entry.effect:
        effect, p = ABSENT, ABSENT
    elif entry.same_bits:
        effect, p = "same number", ABSENT
    else:
        between = "" if entry.low != entry.low else f" [{figure(entry.low)}, {figure(entry.high)}]"
        effect, p = figure(entry.effect) + between, figure(entry.p_value)
    printed = entry.printed or ABSENT, entry.printed_reference or ABSENT
    return safe(entry.row), name, *printed, reference, subject, effect, p, str(entry.runs)


def differing(figures: Sequence[Figure]) -> str:
    """Return in one sentence whether the two sides differ, by the paired test of every figure."""
    tested = [entry for entry in figures if entry.effect == entry.effect]
    if not tested:
        return ""
    same = [entry for entry in tested if entry.same_bits]
    judged = [entry for entry in tested if not entry.same_bits and entry.low == entry.low]
    few = len(tested) - len(same) - len(judged)
    differ = rejected(judged)
    words = [f"of {counted(len(tested), 'figure')}, {len(same)} are the same number on both sides in every run"]
    if judged:
        least = figure(min(entry.p_value for entry in judged))
        found = f"in {len(differ)} of the other {len(judged)} the test finds a difference"
        words += [f"{found} at 5 %, all of them together, by Holm's rule (least p {least})"]
    words += [f"{few} have too few runs for the test to find one (six are needed)"] if few else []
    named = "; ".join(f"{entry.row}, {entry.column}: effect {figure(entry.effect)}" for entry in differ)
    return f"Do the two sides differ? O{'; '.join(words)[1:]}." + (f" {safe(named, 1000)}." if named else "")


def rejected(judged: Sequence[Figure]) -> list[Figure]:
    """Return the figures that differ, so that a false alarm among all of them has a chance of at most LEVEL.

    Source  Holm 1979: the k-th least of n values of p is held against LEVEL / (n - k + 1), up to the first above it.
    """
    found: list[Figure] = []
    for position, entry in enumerate(sorted(judged, key=lambda entry: entry.p_value)):
        if entry.p_value > LEVEL / (len(judged) - position):
            break
        found.append(entry)
    return found


def precise(value: float) -> str:
    """Return `value` with 4 significant digits."""
    return f"{value:.4g}"


def timed(timings: Sequence[Timing]) -> str:
    """Return the times of the paper's networks and calls."""
    if not timings:
        return ""
    columns = ("time of", "torch.nn", "ours", "ratio [95 %]", "a training: torch.nn", "ours", "paper, ours / torch.nn")
    rows = [
        (
            safe(entry.what) + (", a step" if entry.steps else ""),
            f"{figure(entry.reference)} {entry.unit}", f"{figure(entry.subject)} {entry.unit}",
            f"**{entry.ratio:.2f}** [{entry.low:.2f}, {entry.high:.2f}]",
            whole(entry, entry.reference), whole(entry, entry.subject), entry.printed or ABSENT,
        )
        for entry in timings
    ]  # fmt: skip
    return f"### Time\n\n{TIMING}\n\n{table(columns, rows, 'lrrrrrr')}"


def whole(entry: Timing, milliseconds: float) -> str:
    return f"{figure(milliseconds * entry.steps / 1e3)} s" if entry.steps else ABSENT


def claims(gates: Sequence[Gate]) -> str:
    if not gates:
        return ""
    words = {"pass": "held", "fail": "**did not hold**"}
    rows = [(safe(gate.claim), safe(gate.found), words.get(gate.verdict, gate.verdict)) for gate in gates]
    return f"### Claims\n\n{table(('claim', 'found', ''), rows)}"


def walked(walks: Sequence[Lockstep]) -> str:
    """Return the table of the walks side by side."""
    if not walks:
        return ""
    columns = (
        "setting",
        "dtype",
        "steps",
        "same bits for",
        "largest drift, u",
        "first steps: ours, u",
        "torch.nn, u",
        "",
    )
    rows = [
        (
            safe(walk.setting), walk.dtype, f"{walk.total_steps:,}", f"{walk.identical_until:,}", figure(walk.largest),
            figure(max(walk.subject)) if walk.subject else ABSENT,
            figure(max(walk.reference)) if walk.reference else ABSENT,
            safe(walk.detail) or "agrees",
        )
        for walk in walks
    ]  # fmt: skip
    said = (
        "Loss, gradients and parameters after every step; drift is max |difference| / (u · scale), between the sides, "
        "and for the first steps in float32 of each side from the float64 truth. A training may let one unit of "
        "rounding grow past 1e-9 by itself, in float64 too: torch.nn, started from weights one unit in the last place "
        "off, is then trained beside it, and the drift is held against how far torch.nn strays from itself."
    )
    return f"### Lockstep\n\n{said}\n\n{table(columns, rows, 'llrrrrrl')}"


def pictures(paper: str, found: Found) -> str:
    """Return links to the paper's figures."""
    drawn: Counter[str] = Counter()
    entries: list[Any] = [*found.curves, *found.regions, *found.patches]
    for entry in entries:
        drawn[entry.figure] += entry.paper == paper
    names = [name for name, count in drawn.items() if count]
    names += [f"{paper}-lockstep"] if any(walk.paper == paper for walk in found.lockstep) else []
    if not names:
        return ""
    links = [f"![{CAPTIONS.get(name[4:], name)}](figures/{name}.svg)" for name in names]
    return "### Figures\n\n" + "\n\n".join(links)
