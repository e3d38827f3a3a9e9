"""Every page whose records lie in a folder, rendered again."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.command import FAILED, Command, folder, nearest
from reports.html import index
from reports.pasted import formats
from reports.pasted.formats import FORMATS
from reports.record import printable, write_text
from reports.sources import SOURCES, gathered, told


@dataclass(frozen=True)
class Rendered:
    """A page of Markdown, in one sentence why it is not that of a finished run, and the records that it shows."""

    page: Path
    unfinished: str
    gathered: Any


def arguments(parser: argparse.ArgumentParser) -> None:
    folder(parser.add_argument, "the records and the pages")
    parser.add_argument(
        "--format", type=known, metavar="FORMAT", help=f"write the tables for a paper too: {' or '.join(FORMATS)}"
    )


def known(word: str) -> str:
    """Return the name of a format; the error of another has the nearest."""
    if word not in FORMATS:
        raise argparse.ArgumentTypeError(f"must be {' or '.join(FORMATS)}, was {word!r}{nearest(word, FORMATS)}")
    return word


def run(asked: argparse.Namespace) -> int:
    """Render every page; return 1 where one is not of a finished run, 2 where one cannot be rendered, else 0.

    Of a run that was not finished there is no table for a paper.
    """
    status, wrong = 0, []
    held, finished = dict[str, Any](), dict[str, Any]()
    for source in sources(asked.out):
        try:
            made = rendered(source)
        except ValueError as error:
            wrong.append(str(error))
            continue
        held[source.name] = made.gathered
        if not made.unfinished:
            finished[source.name] = made.gathered
        print(printable(str(made.page)))
        if made.unfinished:
            print(f"report: {printable(str(source))}: INCOMPLETE: {made.unfinished}", file=sys.stderr)
            status = FAILED
    print(printable(str(index.write(asked.out, held))))
    if asked.format:
        for table in formats.write(asked.out, finished, asked.format):
            print(printable(str(table)))
    if wrong:
        raise ValueError("; ".join(wrong))
    return status


def sources(out: Path) -> list[Path]:
    """Return the files of records in `out`; raise FileNotFoundError where there is none."""
    if not out.is_dir():
        raise FileNotFoundError(f"there is no folder {out}; a run of the parity harness makes it")
    files = [out / name for name in SOURCES if (out / name).is_file()]
    if not files:
        raise FileNotFoundError(f"{out} holds no records; a page needs one of {', '.join(SOURCES)}")
    return files


def rendered(path: Path) -> Rendered:
    """Render the page of one file of records beside it; raise ValueError, in one sentence, where that cannot be."""
    source, held = SOURCES[path.name], gathered(path)

    def written() -> Rendered:
        made = Rendered(path.with_suffix(".md"), source.unfinished(held), held)
        write_text(made.page, source.markdown(held, path.parent))
        return made

    made: Rendered = told(path, written)
    return made


COMMAND = Command("--out reports/published/amd-epyc-2-cores", run, arguments)
