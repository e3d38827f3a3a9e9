"""papers.md: the papers' tables rebuilt, paper beside torch.nn beside the framework, with claims and figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reports.columns import Column, readings, table
from reports.header import NO_RUN, header
from reports.lines import read
from reports.papers import difference
from reports.papers.reading import PaperRecords, gather
from reports.papers.record import PaperClaim
from reports.papers.tables import CLAIMS, FAILED, FIGURES, TIMINGS, WALKS, figures
from reports.parity import paper_004
from reports.reading import grouped
from reports.record import Run
from reports.text import counted, safe

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
FACTS = ("date", "machine", "versions", "commit", "command", "not run")
TIMES = "papers-time.jsonl"  # what papers-time writes
READING = (
    "Every training is run on both sides from the same initial bits, on the same data, in the same batches. "
    f"{readings(*FIGURES)}"
)


def beside(folder: Path) -> list[dict[str, Any]]:
    """Return the records of the timing harness in the same folder; none where it has not run."""
    path = folder / TIMES
    return list(read(path)) if path.is_file() else []


def render(records: list[dict[str, Any]], times: Sequence[dict[str, Any]] = ()) -> str:
    """Return the page, with what the timing harness measured; raise ValueError that names a record which is not one."""
    return page_of(gathered(records, times))


def gathered(records: list[dict[str, Any]], times: Sequence[dict[str, Any]] = ()) -> PaperRecords:
    """Return the records by kind, those of the timing harness among them."""
    every, timed = gather(records), gather(times)
    every.timings += timed.timings
    every.untimed = timed.unfinished if times else ""
    return every


def page_of(every: PaperRecords) -> str:
    """Return the page of records that are sorted by kind already."""
    lacking = every.unfinished or every.untimed
    parts = [title(every.runs), f"**INCOMPLETE**: {lacking}" if lacking else "", headline(every.claims), READING]
    for paper in every.papers:
        parts += [section(paper, every.of(paper)), pictures(paper, every.of(paper))]
    return "\n\n".join(part for part in parts if part) + "\n"


def title(runs: Sequence[Run]) -> str:
    return f"# The five papers, run again\n\n{header(runs[0], FACTS) if runs else NO_RUN}"


def headline(claims: Sequence[PaperClaim]) -> str:
    """Return how many claims held, and those that did not, first."""
    if not claims:
        return "Nothing was claimed, so nothing could fail."
    failed, said = [claim for claim in claims if claim.verdict != "pass"], held(claims)
    return f"{said} These did not:\n\n{table(FAILED, failed)}" if failed else said


def held(claims: Sequence[PaperClaim]) -> str:
    """Return how many claims held, in one sentence."""
    return f"**{sum(claim.verdict == 'pass' for claim in claims)} of {counted(len(claims), 'claim')} held.**"


def section(paper: str, records: PaperRecords) -> str:
    """Return everything about one paper, its figures aside."""
    tables = grouped(records.figures, lambda cell: cell.table)
    parts = [
        f"## {TITLES.get(paper, safe(paper))}",
        "\n".join(f"- {safe(choice.text, most=1000)}" for choice in records.choices),
        *(f"### {safe(name)}\n\n{figures(cells)}" for name, cells in tables.items()),
        paper_004.section(records.differences) if records.differences else "",
        difference.sentence(records.figures),
        tabled("Time", TIMINGS, records.timings),
        tabled("Claims", CLAIMS, records.claims),
        tabled("Lockstep", WALKS, records.walks),
    ]
    return "\n\n".join(part for part in parts if part)


def tabled(heading: str, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> str:
    """Return a table below its heading and what there is to say of its columns; empty where it would have no row."""
    return "\n\n".join(filter(None, [f"### {heading}", readings(*columns), table(columns, rows)])) if rows else ""


def pictures(paper: str, records: PaperRecords) -> str:
    """Return links to the paper's figures."""
    links = [f"![{safe(caption(name))}](figures/{quote(name)}.svg)" for name in drawings(paper, records)]
    return "\n\n".join(["### Figures", *links]) if links else ""


def drawings(paper: str, records: PaperRecords) -> list[str]:
    """Return the names of the paper's figures, which are those of their files without the ending."""
    shown = (records.curves, records.regions, records.patches)
    names = list(dict.fromkeys(drawn.figure for some in shown for drawn in some))
    return [*names, *([f"{paper}-lockstep"] if records.walks else [])]


def caption(name: str) -> str:
    return CAPTIONS.get(name[4:], name)
