"""How much of a long work is done: a bar on a terminal, and in a log a line a minute."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

SECONDS = 60.0  # between two lines of a log
Advance = Callable[[str], None]  # says that one more is done, and which


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """Give a function to be called after each of `total` pieces of work, with the piece in words."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(total).advance
        return
    columns = TextColumn("{task.description:32.32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("starting", total=total)
        yield lambda described: bar.update(task, advance=1, description=described)


class Lines:
    """Counts what is done, and tells it from time to time."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done, self.clock = total, 0, clock
        self.began = self.told = clock()

    def advance(self, described: str) -> None:
        self.done += 1
        now = self.clock()
        if now - self.told >= SECONDS:
            self.told = now
            left = (now - self.began) / self.done * (self.total - self.done)
            print(f"{self.done} of {self.total} done, about {left / 60:.0f} min left: {described}", file=sys.stderr)
