"""Two runs compared, as a command: its exit status says whether anything is newly wrong, or gone."""

import argparse
from pathlib import Path

from reports.command import FAILED, Command, out_folder
from reports.compare import page
from reports.compare.changes import GROWN, changes
from reports.compare.page import ComparedRuns
from reports.compare.side import side
from reports.compare.times import times
from reports.record import printable, write_text


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("old", type=Path, metavar="OLD", help="what was: a file of records, or the folder of a run")
    add("new", type=Path, metavar="NEW", help="what is now")
    add("--grown", type=factor, default=GROWN, help=f"how many times an error grows that drifts (default {GROWN:g})")
    written = f"{out_folder()}/compare.md"
    add("--page", type=Path, default=Path(written), help=f"the page to write (default {written})")
    add("--summary", type=Path, help="file to which a short summary in Markdown is appended")


def factor(word: str) -> float:
    """Return a factor above 1."""
    try:
        found = float(word)
    except ValueError:
        found = 0.0
    if not 1 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number above 1, was {word!r}")
    return found


def run(asked: argparse.Namespace) -> int:
    """Return 1 where something is newly wrong that fails a run, or a module is no longer compared, else 0."""
    compared = compare(asked.old, asked.new, asked.grown)
    write_text(asked.page, page.render(compared))
    if asked.summary:
        asked.summary.parent.mkdir(parents=True, exist_ok=True)
        with asked.summary.open("a", encoding="utf-8") as file:
            file.write(page.summary(compared))
    for line in page.lines(compared):
        print(printable(line))
    print(f"page in {printable(str(asked.page))}")
    return FAILED if compared.failing else 0


def compare(old: Path, new: Path, grown: float = GROWN) -> ComparedRuns:
    """Compare two runs; raise ValueError or OSError, in one sentence, where they cannot be."""
    earlier, later = side(old), side(new)
    of_records = earlier.records is not None and later.records is not None
    if not of_records and not (earlier.times and later.times):
        raise ValueError(f"{printable(str(old))} and {printable(str(new))} hold no records of the same kind")
    return ComparedRuns(
        printable(str(old)),
        printable(str(new)),
        grown,
        changes(earlier, later, grown) if of_records else None,
        times(earlier.times, later.times) if earlier.times and later.times else None,
    )


COMMAND = Command("runs/before/parity.jsonl runs/now/parity.jsonl", run, arguments)
