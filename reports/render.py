"""Every page whose records lie in a folder, rendered again."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reports.command import Command, folder
from reports.papers import page as papers_page
from reports.parity import page as parity_page
from reports.parity.referee import speed as referee_speed
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.record import read
from reports.trust import page as trust_page

PAGES: dict[str, Callable[..., str]] = {
    "parity.jsonl": parity_page.render,
    "perf.json": perf_page.render,
    "papers.jsonl": papers_page.render,
    "trust.jsonl": trust_page.render,
}
READERS = {"perf.json": perf_reading.read}  # a file that is not one record a line
BESIDE: dict[str, Callable[[Path], Any]] = {
    "parity.jsonl": referee_speed.beside,
    "papers.jsonl": papers_page.beside,
}  # what a page shows of the other files of its folder


def arguments(parser: argparse.ArgumentParser) -> None:
    folder(parser.add_argument, "the records and the pages")


def run(asked: argparse.Namespace) -> int:
    """Render every page."""
    for source in sources(asked.out):
        print(rendered(source))
    return 0


def sources(out: Path) -> list[Path]:
    """Return the files of records in `out`; raise FileNotFoundError where there is none."""
    if not out.is_dir():
        raise FileNotFoundError(f"there is no folder {out}; a run of the parity harness makes it")
    files = [out / name for name in PAGES if (out / name).is_file()]
    if not files:
        raise FileNotFoundError(f"{out} holds no records; a page needs one of {', '.join(PAGES)}")
    return files


def rendered(source: Path) -> Path:
    """Render the page of one file of records beside it, and return the page's path."""
    records = list(READERS.get(source.name, read)(source))
    beside = [BESIDE[source.name](source.parent)] if source.name in BESIDE else []
    try:
        text = PAGES[source.name](records, *beside)
    except ValueError as error:
        raise ValueError(f"{source}, {error}") from error
    page = source.with_suffix(".md")
    page.write_text(text, encoding="utf-8", newline="\n")
    return page


COMMAND = Command("--out reports/published/amd-epyc-2-cores", run, arguments)
