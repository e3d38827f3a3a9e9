"""Render again every page whose records lie in a folder: python -m reports [--out reports/out]."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where every page was rendered; 2, after one line on standard error, where one could not be."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="Render pages again from their records.")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="folder of the records and the pages")
    folder: Path = parser.parse_args(arguments).out
    try:
        for source in sources(folder):
            print(rendered(source))
    except (OSError, ValueError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return 2
    return 0


def sources(folder: Path) -> list[Path]:
    """Return the files of records in `folder`; raise FileNotFoundError where there is none."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; a run of the parity harness makes it")
    files = [folder / name for name in PAGES if (folder / name).is_file()]
    if not files:
        raise FileNotFoundError(f"{folder} holds no records; a page needs one of {', '.join(PAGES)}")
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


if __name__ == "__main__":
    sys.exit(main())
