"""How much of a long work is done: a bar on a terminal, and in a log a line a minute."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

SECONDS = 60.0  # between two lines of a log
BETWEEN = 0.1  # seconds between two drawings of a bar that only its work draws
SERVICES = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD")  # set where nobody watches, terminal or not
SHARED: Any = {"auto_refresh": False, "transient": True, "redirect_stdout": False, "redirect_stderr": False}  # of a bar
Advance = Callable[[str], None]  # says that one more is done, and which


def watched(stream: IO[str]) -> bool:
    """Return whether a stream is a terminal on which somebody sees a bar move."""
    dumb = os.environ.get("TERM", "") in ("dumb", "unknown")
    return stream.isatty() and not dumb and not any(map(os.environ.get, SERVICES))


@contextmanager
def progress(total: int, stream: IO[str] | None = None, alone: bool = True) -> Iterator[Advance]:
    """Give a function to be called after each of `total` pieces of work, with the piece in words.

    stream  where it is told; standard error unless given
    alone   whether nothing else is written there meanwhile: the clock of a bar then goes on while a piece is done
    """
    stream = sys.stderr if stream is None else stream
    if not watched(stream):
        yield Lines(total, stream=stream).advance
        return
    console = Console(file=stream, force_terminal=True)
    columns = TextColumn("{task.description:32.32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, TimeRemainingColumn(), console=console, **(SHARED if not alone else {})) as bar:
        task = bar.add_task("starting", total=total)
        drawn = time.monotonic()

        def advance(described: str) -> None:
            nonlocal drawn
            now = time.monotonic()
            draws = not alone and now - drawn >= BETWEEN
            drawn = now if draws else drawn
            bar.update(task, advance=1, description=described, refresh=draws)

        yield advance


class PytestTerminal:
    """The terminal as pytest writes to it: a stream that a bar is drawn on between tests."""

    def __init__(self, reporter: Any) -> None:
        """Take the plugin of pytest called terminalreporter."""
        self.reporter = reporter

    def write(self, text: str) -> int:
        self.reporter.config.get_terminal_writer().write(text, flush=True)
        return len(text)

    def flush(self) -> None:
        self.reporter.config.get_terminal_writer().flush()

    def isatty(self) -> bool:
        return bool(self.reporter.isatty)


class Lines:
    """Counts what is done, and tells it from time to time."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic, stream: IO[str] | None = None) -> None:
        self.total, self.done, self.clock, self.stream = total, 0, clock, stream
        self.began = self.told = clock()

    def advance(self, described: str) -> None:
        self.done += 1
        now = self.clock()
        if now - self.told >= SECONDS:
            self.told = now
            left = (now - self.began) / self.done * (self.total - self.done)
            said = f"{self.done:,} of {self.total:,} done, about {left / 60:.0f} min left: {described}"
            print(said, file=self.stream or sys.stderr, flush=True)
