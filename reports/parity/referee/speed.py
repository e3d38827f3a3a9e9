"""How fast a subject is, in the referee's words: from the timings beside the records, if they are of that subject."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.perf.page import GLYPHS
from reports.perf.reading import Timed, gather, read
from reports.record import Run
from reports.text import counted, figure, safe


def beside(folder: Path) -> Timed | None:
    """Return the timings whose records lie in a folder; None where there are none that can be read."""
    path = folder / "perf.json"
    try:
        return gather(next(iter(read(path)))) if path.is_file() else None
    except (OSError, ValueError):
        return None  # the page of the timings says what is wrong with their file


def render(timed: Timed | None, runs: Sequence[Run]) -> str:
    """Return the ratios module by module; if this subject was not timed, the command that times it."""
    subject = runs[0].subject if runs else ""
    found = [one for one in timed.findings if one.get("subject") == subject] if timed else []
    if timed is None or timed.run.subject != subject or not found:
        named = (runs[0].source or subject) if runs else ""
        return f"{safe(subject)} was not timed: `make bench SUBJECT={named}` does it, then `make report`."
    rows = [one for one in found if one["ratio"] is not None]
    verdicts = Counter(one["verdict"] for one in found)
    tally = ", ".join(f"{verdicts[name]} {glyph}" for name, glyph in GLYPHS.items() if verdicts[name])
    items = [of_module(module, alike) for module, alike in grouped_rows(rows).items()]
    opening = f"Timed beside torch.nn on {timed.run.started[:10]}, {counted(len(found), 'row')}: {safe(tally)}."
    return "\n".join([f"{opening} Ratios are the subject's time over torch's.\n", *(f"- {item}" for item in items)])


def grouped_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in rows:
        found.setdefault(str(one["module"]), []).append(one)
    return dict(sorted(found.items()))


def of_module(module: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of one module: case, mode, ratio and its interval."""
    words = [
        f"{one['case']} {one['mode']} {figure(one['ratio'])} [{figure(one['low'])}, {figure(one['high'])}]"
        for one in rows
    ]
    return f"**{safe(module)}**: {safe('; '.join(words), most=2000)}"
