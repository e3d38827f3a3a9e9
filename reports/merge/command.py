"""Parts of a run joined, as a command: a folder with the records of all of them, and the pages that they make."""

import argparse
import json
import os
import shlex
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from reports.command import Command, called
from reports.html import index
from reports.merge.parts import RECORDS, RunPart, name_of, part
from reports.merge.sweeps import joined_sweeps, of_sweep, sweep_part
from reports.merge.terms import ALLOWED, cells_apart, held_to, joined
from reports.merge.times import TimedPart, joined_times, timed_part, times_apart
from reports.perf import reading as perf_reading
from reports.record import Parity, printable, write, write_text
from reports.render import rendered, sources
from reports.text import counted

TIMES = "perf.json"
SWEEP = "sweep.jsonl"
SCRIPTS, FIGURES = "minimal", "figures"  # what else a run leaves beside its records


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("parts", type=Path, nargs="+", metavar="PART", help="a file of records, or the folder of a run; two or more")
    add("--out", type=Path, required=True, help="the folder to make, which must not exist or be empty")
    add("--allow", action="append", default=[], choices=ALLOWED, help="join parts that differ in this")


def run(asked: argparse.Namespace) -> int:
    """Join everything, or nothing; return 0."""
    if len(asked.parts) < 2:
        raise ValueError("PART must be two runs or more, was one")
    if asked.out.exists() and (not asked.out.is_dir() or any(asked.out.iterdir())):
        raise ValueError(f"--out must be a folder that does not exist or is empty, was {printable(str(asked.out))}")
    swept = [of_sweep(path, SWEEP) for path in asked.parts]
    if all(swept):
        both = [path for path in asked.parts if path.is_dir() and (path / RECORDS).is_file()]
        if both:
            raise ValueError(f"{printable(str(both[0]))} holds {RECORDS} and {SWEEP}: name the files to be joined")
        held = [sweep_part(path, file) for path, file in zip(asked.parts, swept, strict=True) if file]
        for page in joined_sweeps(held, asked.out, SWEEP, asked.allow):
            print(printable(str(page)))
        return 0
    parts = [part(path) for path in asked.parts]
    for one, other in combinations(parts, 2):
        if one.records.samefile(other.records):
            raise ValueError(f"{one.named} and {other.named} are the same run: each part may be named once")
    held_to(parts, asked.allow)
    cells_apart(parts)
    once(parts)
    timed = [timed_part(file) for one in parts for file in one.beside if file.name == TIMES]
    if timed:
        held_to(timed, asked.allow)
        times_apart(timed)
    words = [*map(str, asked.parts), "--out", str(asked.out), *(f"--allow={word}" for word in asked.allow)]
    command = shlex.join([*called().split(), "merge", *words])
    for page in made(parts, timed, command, asked.out):
        print(printable(str(page)))
    modules = len({name[1] for one in parts for name in one.cells if name[0] == Parity.kind})
    print(f"{len(parts)} parts joined: {counted(modules, 'module')}")
    return 0


def made(parts: Sequence[RunPart], timed: Sequence[TimedPart], command: str, out: Path) -> list[Path]:
    """Write the folder, whole or not at all; return its pages."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        fill(partial, parts)
        write(partial / RECORDS, (*joined(parts, command), *records(parts)))
        if len(timed) > 1:
            write_text(partial / TIMES, json.dumps(joined_times(timed, command)) + "\n")
            from reports.perf import figure as perf_figure  # matplotlib, which needs numpy, for times alone

            perf_figure.draw(list(perf_reading.read(partial / TIMES)), partial / FIGURES)
        held = {source.name: rendered(source) for source in sources(partial)}
        front = index.write(partial, {name: page.gathered for name, page in held.items()})
        pages = [*(page.page.name for page in held.values()), front.name]
        partial.replace(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return [out / page for page in pages]


def fill(folder: Path, parts: Sequence[RunPart]) -> None:
    """Copy what lies beside the records of the parts."""
    for one in parts:
        for file in one.beside:
            shutil.copyfile(file, folder / file.name)
        for name in (SCRIPTS, FIGURES):
            if (one.records.parent / name).is_dir():
                shutil.copytree(one.records.parent / name, folder / name, dirs_exist_ok=True)


def once(parts: Sequence[RunPart]) -> None:
    """Raise ValueError, in one sentence, where two parts have papers, or trust, beside their records."""
    kinds = Counter(file.name for one in parts for file in one.beside if file.name != TIMES)
    for kind in (kind for kind, count in kinds.items() if count > 1):
        where = " and ".join(one.named for one in parts if kind in [file.name for file in one.beside])
        raise ValueError(f"{where} both hold {kind}, and two of these make no one file; name {RECORDS} of one of them")


def records(parts: Sequence[RunPart]) -> Iterator[dict[str, Any]]:
    """Yield the records of all parts, what two of them say alike once."""
    known = set[Any]()
    for one in parts:
        for record in one.measured():
            if name_of(record) not in known:
                yield record
        known.update(one.cells)


COMMAND = Command("cpu/parity.jsonl gpu/parity.jsonl --out both", run, arguments)
