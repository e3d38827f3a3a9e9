"""The file of a run that goes on: a killed run leaves its records, and a page that says that it was not finished."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from reports.html import index
from reports.record import Run, line, plain, write_text
from reports.sources import SOURCES

Gather = Callable[[Sequence[dict[str, Any]]], Any]
BEFORE = ".before"  # the ending under which the files of the run before lie meanwhile


class RunningFile:
    """A file of records without an end, beside pages of its headers alone.

    The file and the pages of the run before are set aside while this run goes on, and dropped when it has ended.
    """

    def __init__(self, path: Path, headers: Sequence[Run], gather: Gather) -> None:
        self.path, self.pages = path, (path.with_suffix(".md"), path.with_name(index.NAME))
        path.parent.mkdir(parents=True, exist_ok=True)
        set_aside(self.path, *self.pages)
        try:
            begin(path, gather([plain(header) for header in headers]))
        except OSError:
            put_back(path, *self.pages)
            raise
        self.stream = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
        self.add(map(line, headers))

    def add(self, lines: Iterable[str]) -> None:
        """Write lines at once, into the file that was opened at first, whatever has taken its place since."""
        data = "".join(f"{text}\n" for text in lines).encode()
        while data:
            data = data[os.write(self.stream, data) :]

    def close(self) -> None:
        """Write no more, and drop the files of the run before."""
        os.close(self.stream)
        drop_before(self.path, *self.pages)

    def forget(self) -> None:
        """Put the files of the run before back in place: nothing has run."""
        os.close(self.stream)
        put_back(self.path, *self.pages)


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


def set_aside(*paths: Path) -> None:
    """Move the files of the run before out of the way of one that begins."""
    for path in paths:
        if path.exists() or path.is_symlink():
            path.replace(before(path))


def drop_before(*paths: Path) -> None:
    """Drop the files of the run before: the one that set them aside has ended."""
    for path in paths:
        before(path).unlink(missing_ok=True)


def put_back(*paths: Path) -> None:
    """Put the files of the run before back in place of those of a run in which nothing has run."""
    for path in paths:
        path.unlink(missing_ok=True)
        if before(path).exists():
            before(path).replace(path)


def before(path: Path) -> Path:
    """Return where the file of the run before lies while this one goes on."""
    return path.with_name(path.name + BEFORE)
