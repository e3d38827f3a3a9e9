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

    def held_to(self, scope: SweepScope) -> None:
        """Forget the chunks that a scope of more, or fewer, configurations does not hold as they are here."""
        assert self.scope is not None
        wanted = {*scope.numbers()}
        whole = {n for n in self.places if scope.cells(n) == self.scope.cells(n)}
        self.places = {number: at for number, at in self.places.items() if number in wanted & whole}

    def chunks(self) -> Iterator[dict[str, Any]]:
        """Yield the records of the chunks, in the order of their numbers."""
        with opened(self.path) as file:
            for number in sorted(self.places):
                file.seek(self.places[number])
                yield json.loads(file.readline())


def earlier(folder: Path, scope: SweepScope, now: Run) -> Kept:
    """Return the sweep in a folder of runs that has most of this scope, be it of as many configurations or not.

    Raises ValueError, in one sentence, where there is none, where nothing is left of it, or where the code has changed
    since the last one: its counts would not be of one subject.
    """
    asked, found = replace(scope, code="", cases=0), list[Kept]()
    for path in sorted(folder.glob("*/sweep.jsonl"), reverse=True):
        kept = Kept(path)
        if kept.run is None or kept.scope is None or replace(kept.scope, cut="", code="", cases=0) != asked:
            continue
        if kept.scope.code != scope.code or code_of(kept.run) != code_of(now):
            if found:
                break
            raise ValueError(f"--resume: {path} is of other code, and its counts would not be of one subject")
        if "+" in "".join(word[-1:] for word in (now.commit, now.suite)):
            raise ValueError(f"--resume: changes are not committed, so nothing says that {path} had them too")
        if kept.scope.cases == scope.cases and not set(scope.numbers()) - kept.places.keys():
            raise ValueError(f"--resume: nothing is left of {path}")
        kept.held_to(scope)
        found.append(kept)
    if not found:
        raise ValueError(f"--resume: no sweep in {folder} has work left of these words")
    return max(found, key=lambda kept: len(kept.places))


def code_of(run: Run) -> tuple[str, str, str]:
    """Return what says which code ran: of the library, of the suite, and of torch."""
    return run.commit, run.suite, run.versions.get("torch", "")
