"""index.html: everything that a folder's files of records say, on one page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.command import in_words
from reports.html import grid
from reports.html.parity_part import ParityView
from reports.html.parts import PapersView, SweepView, TimesView, TrustView
from reports.lines import is_there
from reports.record import printable, write_text
from reports.sources import SOURCES, gathered, told
from reports.text import one_line

NAME = "index.html"
MOST_LINES = 12  # of one part of the grid, before it is split
MOST_WORDS = 1000


@dataclass
class FolderView:
    """What each file of a folder says; None of one that is not there, or that cannot be read."""

    parity: ParityView | None = None
    times: TimesView | None = None
    trust: TrustView | None = None
    papers: PapersView | None = None
    sweep: SweepView | None = None
    troubles: list[str] = field(default_factory=list)  # why a file is not shown, a sentence each
    meanwhile: bool = False  # whether a run goes on, whose records are still to come

    @property
    def lacking(self) -> list[str]:
        """Why what is shown is not of finished runs, in plain sentences."""
        parts = (self.parity, self.times, self.trust, self.papers, self.sweep)
        return [part.lacking for part in parts if part and part.lacking]


VIEWS: Mapping[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "parity.jsonl": ("parity", ParityView.of),
    "perf.json": ("times", TimesView.of),
    "trust.jsonl": ("trust", TrustView.of),
    "papers.jsonl": ("papers", PapersView.of),
    "sweep.jsonl": ("sweep", SweepView.of),
}


def write(folder: Path, held: Mapping[str, Any] | None = None) -> Path:
    """Write the page of a folder into it, whole or not at all; `held` has the records of files that are read already.

    A file that cannot be read is told on the page, in one sentence. Raises OSError where the page cannot be written.
    """
    page = folder / NAME
    write_text(page, render(folder, held))
    return page


def begin(path: Path, records: Any, kind: str) -> None:
    """Write the page of a run that goes on, of whose file, of this kind, there are only the headers.

    What else lies in the folder is not read: that is done when the run has ended.
    """
    shown = FolderView(meanwhile=True)
    put(shown, path, kind, records)
    write_text(path.with_name(NAME), page_of(shown))


def render(folder: Path, held: Mapping[str, Any] | None = None) -> str:
    """Return the page of a folder."""
    known, shown = held or {}, FolderView()
    for name in SOURCES:
        if name in known or is_there(folder / name):
            try:
                records = known[name] if name in known else gathered(folder / name)
                put(shown, folder / name, name, records)
            except (ValueError, OSError) as error:
                shown.troubles.append(one_line(in_words(error), MOST_WORDS))
    return page_of(shown)


def put(shown: FolderView, path: Path, kind: str, records: Any) -> None:
    """Put into a view what one file says; raise ValueError, in one sentence, where its records do not go together."""
    part, view = VIEWS[kind]
    setattr(shown, part, told(path, lambda: view(records, path.parent)))


def page_of(shown: FolderView) -> str:
    """Return the page of what was read."""
    return printable(templates().get_template("page.html.j2").render(shown=shown))


@cache
def templates() -> Environment:
    """Return the templates: what is put into them is escaped, and a name that they do not know is an error."""
    made = Environment(
        loader=PackageLoader("reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"grid": grid, "MOST_LINES": MOST_LINES}
    return made
