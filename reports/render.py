"""Every page whose records lie in a folder, rendered again."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.command import FAILED, Command, folder
from reports.lines import read
from reports.papers import page as papers_page
from reports.papers import reading as papers_reading
from reports.parity import page as parity_page
from reports.parity.referee import speed as referee_speed
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.reading import gather
from reports.record import printable, write_text
from reports.text import one_line
from reports.trust import page as trust_page
from reports.trust import reading as trust_reading


@dataclass(frozen=True)
class Source:
    """A kind of file of records: how it is read, why it may not be of a finished run, and the page it makes."""

    render: Callable[..., str]
    unfinished: Callable[[list[Any]], str]  # in one sentence; empty if it is
    read: Callable[[Path], Any] = read
    beside: Callable[[Path], Any] | None = None  # what the page shows of the other files of its folder


SOURCES = {
    "parity.jsonl": Source(parity_page.render, lambda records: gather(records).unfinished, beside=referee_speed.beside),
    "perf.json": Source(
        perf_page.render,
        lambda documents: perf_page.lacking(perf_reading.gather(documents[0])),
        perf_reading.read,
    ),
    "papers.jsonl": Source(
        papers_page.render, lambda records: papers_reading.gather(records).unfinished, beside=papers_page.beside
    ),
    "trust.jsonl": Source(trust_page.render, lambda records: trust_reading.Trust.of(records).unfinished),
}


@dataclass(frozen=True)
class Rendered:
    """A page, and in one sentence why it is not that of a finished run."""

    page: Path
    unfinished: str


def arguments(parser: argparse.ArgumentParser) -> None:
    folder(parser.add_argument, "the records and the pages")


def run(asked: argparse.Namespace) -> int:
    """Render every page; return 1 where one is not of a finished run, 2 where one cannot be rendered, else 0."""
    status, wrong = 0, []
    for source in sources(asked.out):
        try:
            made = rendered(source)
        except ValueError as error:
            wrong.append(str(error))
            continue
        print(printable(str(made.page)))
        if made.unfinished:
            print(f"report: {printable(str(source))}: INCOMPLETE: {made.unfinished}", file=sys.stderr)
            status = FAILED
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
    source = SOURCES[path.name]
    records = list(source.read(path))
    beside = [source.beside(path.parent)] if source.beside else []
    try:
        made = Rendered(path.with_suffix(".md"), source.unfinished(records))
        write_text(made.page, source.render(records, *beside))
    except OSError:
        raise
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from error
    except Exception as error:  # records each of which may be one, but that contradict each other
        said = one_line(f"{type(error).__name__}: {error}")
        raise ValueError(f"{path}: its records do not go together, and make no page ({said})") from error
    return made


COMMAND = Command("--out reports/published/amd-epyc-2-cores", run, arguments)
