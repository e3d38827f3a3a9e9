"""Shards of a sweep joined: their chunks, each of which is there once."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain
from operator import itemgetter
from pathlib import Path

from reports.command import called
from reports.lines import is_there, read
from reports.merge.terms import as_one, held_to
from reports.record import Run, printable, write
from reports.running import finish
from reports.sweep import figure
from reports.sweep.kept import Kept
from reports.sweep.reading import Sweep
from reports.sweep.record import SweepScope
from reports.text import counted

SHARD = "--shard"  # the option by which a sweep is shared out


@dataclass
class SweepPart:
    """A file of a finished sweep."""

    path: Path
    records: Path
    kept: Kept

    @property
    def named(self) -> str:
        return printable(str(self.path))

    @property
    def runs(self) -> list[Run]:
        return [self.kept.run] if self.kept.run else []

    @property
    def scope(self) -> SweepScope:
        assert self.kept.scope is not None  # looked at when it was read
        return self.kept.scope


def of_sweep(path: Path, name: str) -> Path | None:
    """Return the file of a sweep that a word of the command line names; None where it names none."""
    file = path / name if path.is_dir() else path
    return file if file.name == name and is_there(file) else None


def sweep_part(path: Path, records: Path) -> SweepPart:
    """Read a part; raise ValueError, in one sentence, where it is not of a finished sweep."""
    said, kept = Sweep.of(read(records)), Kept(records)
    if said.unfinished or kept.scope is None:
        raise ValueError(
            f"{printable(str(records))}: the sweep was not finished: {said.unfinished or 'it has no scope'}"
        )
    return SweepPart(path, records, kept)


def whole(scope: SweepScope) -> SweepScope:
    """Return the scope of all shards."""
    return replace(scope, shard=1, shards=1, cut="")


def joined_sweeps(parts: Sequence[SweepPart], out: Path, name: str, allowed: Sequence[str]) -> list[Path]:
    """Write the folder of all parts; return its pages.

    Raises ValueError, in one sentence, where two parts draw from other scopes, or hold one chunk.
    """
    held_to(parts, allowed)
    first, *others = parts
    known = dict.fromkeys(first.kept.places, first)
    for other in others:
        if whole(other.scope) != whole(first.scope):
            raise ValueError(f"{first.named} and {other.named} are sweeps of other configurations")
        twice = sorted(known.keys() & other.kept.places.keys())
        if twice:
            raise ValueError(
                f"{known[twice[0]].named} and {other.named} both hold chunk {twice[0]}: each may be there once"
            )
        known |= dict.fromkeys(other.kept.places, other)
    words = [*(str(one.path) for one in parts), "--out", str(out), *(f"--allow={word}" for word in allowed)]
    run = as_one([run for one in parts for run in one.runs], shlex.join([*called().split(), "merge", *words]))
    scope = replace(whole(first.scope), cut=next((one.scope.cut for one in parts if one.scope.cut), ""))
    narrowed = {word for one in parts for of_part in one.runs for word in of_part.narrowed_by}
    if set(scope.numbers()) <= known.keys():
        narrowed -= {SHARD}
    run = replace(run, narrowed_by=tuple(sorted(narrowed)))
    chunks = merge(*(one.kept.chunks() for one in parts), key=itemgetter("number"))
    write(out / name, chain((run, scope), chunks))
    said = Sweep.of(read(out / name))
    figure.draw(said, out)
    finish(out / name, said)
    print(f"{counted(len(parts), 'part')} joined: {counted(len(said.costs), 'chunk')}")
    return [out / Path(name).with_suffix(".md"), out / "index.html"]
