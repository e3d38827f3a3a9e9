"""How fast a subject is, in the referee's words: from the timings beside the records, if they are of that subject."""

from collections.abc import Sequence
from pathlib import Path

from reports.perf.page import tally
from reports.perf.reading import Timed, gather, read
from reports.perf.record import RowFinding
from reports.reading import grouped
from reports.record import Run
from reports.text import code, counted, figure, safe


def beside(folder: Path) -> Timed | None:
    """Return the timings beside the records in a folder; None where there are none that can be read."""
    path = folder / "perf.json"
    try:
        return gather(next(iter(read(path)))) if path.is_file() else None
    except (OSError, ValueError):
        return None  # the page of the timings says what is wrong with their file


def render(timed: Timed | None, runs: Sequence[Run]) -> str:
    """Return the ratios module by module; if this subject was not timed, the command that times it."""
    subject = runs[0].subject if runs else ""
    if timed is None or timed.run.subject != subject or not timed.findings:
        named = (runs[0].source or subject) if runs else ""
        return f"{safe(subject)} was not timed: {code(f'make bench SUBJECT={named}')} does it, then `make report`."
    by_module = grouped((row for row in timed.findings if row.time), lambda row: row.module)
    items = [of_module(module, rows) for module, rows in sorted(by_module.items())]
    count = counted(len(timed.findings), "row")
    opening = f"Timed beside torch.nn on {timed.run.started[:10]}, {count}: {safe(tally(timed.findings))}."
    return "\n".join([f"{opening} Ratios are the subject's time over torch's.\n", *(f"- {item}" for item in items)])


def of_module(module: str, rows: Sequence[RowFinding]) -> str:
    """Return the rows of one module: case, mode, ratio and its interval."""
    words = [
        f"{row.case} {row.mode} {figure(row.time.ratio)} [{figure(row.time.low)}, {figure(row.time.high)}]"
        for row in rows
        if row.time
    ]
    return f"**{safe(module)}**: {safe('; '.join(words), most=2000)}"
