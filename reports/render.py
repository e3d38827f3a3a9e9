"""Every page whose records lie in a folder, rendered again."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.command import FAILED, Command, folder, nearest
from reports.html import index
from reports.lines import is_there
from reports.pasted import formats
from reports.pasted.formats import FORMATS
from reports.record import printable, write_text
from reports.runs import unfinished_since
from reports.sources import SOURCES, gathered, told
from reports.text import counted


@dataclass(frozen=True)
class Rendered:
    """A page of Markdown, in one sentence why it is not that of a finished run, and the records that it shows."""

    page: Path
    unfinished: str
    gathered: Any


def arguments(parser: argparse.ArgumentParser) -> None:
    folder(parser.add_argument, "the records and the pages")
    add = parser.add_argument
    add("--history", type=Path, metavar="DIR", help="draw the runs in and below DIR over their commits")
    add("--parts", action="store_true", help="with --history: take parts of runs too")
    add("--format", type=known, metavar="FORMAT", help=f"write the tables for a paper too: {' or '.join(FORMATS)}")


def known(word: str) -> str:
    """Return the name of a format; the error of another has the nearest."""
    if word not in FORMATS:
        raise argparse.ArgumentTypeError(f"must be {' or '.join(FORMATS)}, was {word!r}{nearest(word, FORMATS)}")
    return word


def run(asked: argparse.Namespace) -> int:
    """Render every page; return 1 where one is not of a finished run, 2 where one cannot be rendered, else 0.

    Of a run that was not finished there is no table for a paper.
    """
    if asked.history:
        return over_commits(asked.history, asked.out, asked.parts)
    if asked.parts:
        raise ValueError("--parts goes with --history, which was not given")
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
    for own in unfinished_since(asked.out):
        print(f"report: a later run goes on or was stopped, and is not shown: {printable(str(own))}", file=sys.stderr)
    if asked.format:
        for table in formats.write(asked.out, finished, asked.format):
            print(printable(str(table)))
    if wrong:
        raise ValueError("; ".join(wrong))
    return status


def over_commits(runs: Path, out: Path, parts: bool) -> int:
    """Write the page of a history and its figures; return 0."""
    from reports.history import figures, page, points  # matplotlib, which needs numpy, for a history alone

    all_series, left_out = points.all_series(runs, parts)
    stems = page.stems(all_series)
    drawn = [
        [path.relative_to(out).as_posix() for path in figures.draw(series, stem, out / page.FIGURES)]
        for series, stem in zip(all_series, stems, strict=True)
    ]
    write_text(out / page.NAME, page.render(all_series, left_out, drawn))
    print(printable(str(out / page.NAME)))
    if left_out:
        print(
            f"report: {counted(len(left_out), 'file')} left out, the first: {printable(left_out[0])}", file=sys.stderr
        )
    return 0


def sources(out: Path) -> list[Path]:
    """Return the files of records in `out`; raise FileNotFoundError where there is none."""
    if not out.is_dir():
        raise FileNotFoundError(f"there is no folder {out}; a run of the parity harness makes it")
    files = [out / name for name in SOURCES if is_there(out / name)]
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
