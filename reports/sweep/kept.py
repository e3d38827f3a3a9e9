"""What a file of a sweep holds, finished or cut off: its chunks, one by one in the order of their numbers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from reports.lines import entry, opened, texts
from reports.reading import restore
from reports.record import Run
from reports.sweep.record import SweepChunk, SweepScope


class Kept:
    """The chunks of a file, by their numbers: of each only where it stands is held."""

    def __init__(self, path: Path) -> None:
        """Read a file once; lines after one that is cut off or damaged are left alone."""
        self.path = path
        self.run: Run | None = None
        self.scope: SweepScope | None = None
        self.places: dict[int, int] = {}
        at = 0
        for position, text in enumerate(texts(path), start=1):
            try:
                self.note(entry(path, position, text.removesuffix(b"\n")), at)
            except (KeyError, TypeError, ValueError):
                return
            at += len(text)

    def note(self, record: dict[str, Any], at: int) -> None:
        if record["kind"] == Run.kind:
            self.run = restore(Run, record)
        elif record["kind"] == SweepScope.kind:
            self.scope = restore(SweepScope, record)
        elif record["kind"] == SweepChunk.kind:
            self.places[int(record["number"])] = at

    def chunks(self) -> Iterator[dict[str, Any]]:
        """Yield the records of the chunks, in the order of their numbers."""
        with opened(self.path) as file:
            for number in sorted(self.places):
                file.seek(self.places[number])
                yield json.loads(file.readline())


def earlier(folder: Path, scope: SweepScope, now: Run) -> Kept:
    """Return the latest sweep in a folder of runs that has work left of this scope.

    Raises ValueError, in one sentence, where there is none, or where the code has changed since: its counts would not
    be of one subject.
    """
    for path in sorted(folder.glob("*/sweep.jsonl"), reverse=True):
        kept = Kept(path)
        if kept.run is None or kept.scope is None or replace(kept.scope, cut="", code="") != replace(scope, code=""):
            continue
        if kept.scope.code != scope.code or code_of(kept.run) != code_of(now):
            raise ValueError(f"--resume: {path} is of other code, and its counts would not be of one subject")
        if "+" in "".join(word[-1:] for word in (now.commit, now.suite)):
            raise ValueError(f"--resume: changes are not committed, so nothing says that {path} had them too")
        if not set(scope.numbers()) - kept.places.keys():
            raise ValueError(f"--resume: nothing is left of {path}")
        return kept
    raise ValueError(f"--resume: no sweep in {folder} has work left of these words")


def code_of(run: Run) -> tuple[str, str, str]:
    """Return what says which code ran: of the library, of the suite, and of torch."""
    return run.commit, run.suite, run.versions.get("torch", "")
