"""The kinds of files of records that a folder may hold: how each is read, and the Markdown page that it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.lines import read
from reports.papers import page as papers_page
from reports.parity import page as parity_page
from reports.parity.referee import speed as referee_speed
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.reading import gather
from reports.record import printable
from reports.sweep import page as sweep_page
from reports.sweep.reading import Sweep
from reports.text import one_line
from reports.trust import page as trust_page
from reports.trust import reading as trust_reading


@dataclass(frozen=True)
class Source:
    """A kind of file of records."""

    gathered: Callable[[Path], Any]  # its records by kind
    markdown: Callable[[Any, Path], str]  # the page of them, and of what lies beside them in the folder
    unfinished: Callable[[Any], str]  # why they are not of a finished run, in one sentence; empty if they are


SOURCES = {
    "parity.jsonl": Source(
        lambda path: gather(read(path)),
        lambda recorded, folder: parity_page.page_of(recorded, referee_speed.beside(folder)),
        lambda recorded: recorded.unfinished,
    ),
    "perf.json": Source(
        lambda path: perf_reading.gather(next(perf_reading.read(path))),
        lambda timed, _: perf_page.page_of(timed),
        perf_page.lacking,
    ),
    "papers.jsonl": Source(
        lambda path: papers_page.gathered(list(read(path)), papers_page.beside(path.parent)),
        lambda records, _: papers_page.page_of(records),
        lambda records: records.unfinished,
    ),
    "trust.jsonl": Source(
        lambda path: trust_reading.Trust.of(list(read(path))),
        lambda trust, _: trust_page.page_of(trust),
        lambda trust: trust.unfinished,
    ),
    "sweep.jsonl": Source(
        lambda path: Sweep.of(read(path)),
        lambda sweep, folder: sweep_page.page_of(sweep, folder),
        lambda sweep: sweep.unfinished,
    ),
}


def gathered(path: Path) -> Any:
    """Return the records of a file by kind; raise ValueError, in one sentence, where that cannot be."""
    return told(path, lambda: SOURCES[path.name].gathered(path))


def told(path: Path, work: Callable[[], Any]) -> Any:
    """Return what `work` does with the records of a file; raise ValueError, in one sentence, where it cannot."""
    try:
        return work()
    except OSError:
        raise
    except ValueError as error:
        said = str(error)
        raise ValueError(said if str(path) in said else f"{path}, {said}") from error
    except Exception as error:  # records each of which may be one, but that contradict each other
        said = one_line(f"{type(error).__name__}: {error}")
        raise ValueError(
            f"{printable(str(path))}: its records do not go together, and make no page ({said})"
        ) from error
