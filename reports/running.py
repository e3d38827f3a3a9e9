"""The file of a run that goes on: a killed run leaves its records, and a page that says that it was not finished."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from reports.html import index
from reports.record import Run, line, plain, write_text
from reports.runs import RunFolder, show
from reports.sources import SOURCES

Gather = Callable[[Sequence[dict[str, Any]]], Any]


class RunningFile:
    """A file of records without an end, beside pages of its headers alone, in the folder of its run.

    From the first record on the front shows it, unless what is shown there is of a run that was finished.
    """

    def __init__(self, folder: RunFolder, kind: str, headers: Sequence[Run], gather: Gather) -> None:
        self.folder, self.kind, self.path = folder, kind, folder.own / kind
        self.begun: Any = gather([plain(header) for header in headers])  # None when it is in front
        try:
            begin(self.path, self.begun)
            self.stream = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
            self.write(map(line, headers))
        except OSError:
            folder.forget()
            raise

    def add(self, lines: Iterable[str]) -> None:
        """Write records at once."""
        held = list(lines)
        self.write(held)
        if held and self.begun is not None:
            gathered, self.begun = self.begun, None
            show(self.folder, self.kind, gathered, goes_on=True)

    def write(self, lines: Iterable[str]) -> None:
        """Write lines into the file that was opened at first, whatever has taken its place since."""
        data = "".join(f"{text}\n" for text in lines).encode()
        while data:
            data = data[os.write(self.stream, data) :]

    def close(self) -> None:
        """Write no more."""
        os.close(self.stream)

    def forget(self) -> None:
        """Remove the folder of a run in which nothing ran."""
        self.close()
        self.folder.forget()


def begin(path: Path, gathered: Any, kind: str = "") -> None:
    """Write the pages of a run that goes on, of which there are only the headers; `kind` as for `finish`."""
    write_markdown(path, gathered, kind or path.name)
    index.begin(path, gathered, kind or path.name)


def finish(path: Path, gathered: Any, kind: str = "") -> None:
    """Write the pages of a run that has ended; for that of the whole folder its other files are read.

    `kind` is the usual name of such a file, for one that the command line named.
    """
    write_markdown(path, gathered, kind or path.name)
    index.write(path.parent, {kind or path.name: gathered})


def write_markdown(path: Path, gathered: Any, kind: str) -> None:
    write_text(path.with_suffix(".md"), SOURCES[kind].markdown(gathered, path.parent))
