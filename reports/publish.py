"""The records and pages of finished runs, kept where a reader sees them.

Copies what lies in reports/out into reports/published/NAME and renders its pages there again. NAME says which machine
it was. The single rounds of perf.json are left out: no page shows them, and they are most of the file; a sweep is kept
in few chunks. A run is refused that was interrupted, that was a quick one, that did not compare what was planned, or
whose checkout was not committed: nobody could run it again. So is a file that is not as it was written.
"""

import argparse
import gzip
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from reports.command import Command, folder
from reports.html import index
from reports.lines import packed, parsed, read
from reports.papers import page as papers_page
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.reading import by_kind, unfinished
from reports.record import Damage, Run, printable, write
from reports.render import rendered, sources
from reports.sweep.coarser import coarser

NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
PICTURES, SWEEP = "figures", "sweep.jsonl"
QUICK = "--quick"
PLAIN_BYTES = 2_000_000  # of records: more are packed, in what a repository can hold of every run


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", help="of the machine, in small letters: the folder in reports/published")
    add("--to", type=Path, default=Path("reports/published"), help="folder of what is published")
    folder(add, "the finished runs")


def run(asked: argparse.Namespace) -> int:
    """Publish everything, or nothing."""
    if not NAME.fullmatch(asked.name):
        raise ValueError(f"NAME must be small letters, digits, dots and hyphens, was {asked.name!r}")
    files = [*sources(asked.out), *asked.out.glob(papers_page.TIMES)]
    for source in files:
        checked(source)
    for page in published(files, asked.to / asked.name):
        print(printable(str(page)))
    return 0


def runs(source: Path) -> list[Run]:
    """Return the runs that a file of records describes; raise ValueError where it is not of finished ones."""
    if source.name == "perf.json":
        timed = [perf_reading.gather(document) for document in perf_reading.read(source)]
        told, lacking = [one.run for one in timed], "".join(map(perf_page.lacking, timed))
    else:
        kinds = {kind.kind: kind for kind in (Run, Damage)}
        records = by_kind((record for record in read(source) if record["kind"] in kinds), kinds)
        told, lacking = records[Run.kind], unfinished(records[Run.kind], records[Damage.kind])
    if lacking:
        raise ValueError(f"{source}: the run was not finished: {lacking}")
    return told


def checked(source: Path) -> None:
    """Raise ValueError unless every run of a file was finished, on a committed checkout."""
    for run in runs(source):
        if run.quick or QUICK in run.narrowed_by:
            asks = f", which asks {run.quick}" if run.quick else ""
            raise ValueError(f"{source}: the run of {run.subject} was a quick one{asks}")
        if run.faults:
            raise ValueError(f"{source}: the run of {run.subject} did not compare what was planned: {run.faults[0]}")
        if not run.commit or run.commit.endswith("+"):
            raise ValueError(f"{source}: the run of {run.subject} was not on a committed checkout ({run.commit!r})")


def published(files: Sequence[Path], place: Path) -> list[Path]:
    """Copy records and pictures, render the pages; return their paths. What the place held before is replaced."""
    partial = place.with_name(f"{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        pages = [page.name for page in filled(partial, files)]
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    shutil.rmtree(place, ignore_errors=True)
    partial.replace(place)
    return [place / page for page in pages]


def filled(place: Path, files: Sequence[Path]) -> list[Path]:
    """Copy records and pictures into an empty folder and render the pages; return their paths."""
    for source in files:
        if source.name == SWEEP:
            held_small(source, place / source.name)
        elif source.name == "perf.json":
            (place / source.name).write_text(without_rounds(source), encoding="utf-8")
        elif not source.exists():
            shutil.copyfile(packed(source), packed(place / source.name))
        elif source.stat().st_size > PLAIN_BYTES:
            packed(place / source.name).write_bytes(gzip.compress(source.read_bytes(), mtime=0))
        else:
            shutil.copyfile(source, place / source.name)
    pictures = files[0].parent / PICTURES
    if pictures.is_dir():
        shutil.copytree(pictures, place / PICTURES, ignore=shutil.ignore_patterns("*.png"))
    return [*(rendered(source).page for source in sources(place)), index.write(place)]


def held_small(source: Path, kept: Path) -> None:
    """Write the records of a sweep in few chunks, packed where they are many all the same."""
    write(kept, coarser(source))
    if kept.stat().st_size > PLAIN_BYTES:
        packed(kept).write_bytes(gzip.compress(kept.read_bytes(), mtime=0))
        kept.unlink()


def without_rounds(source: Path) -> str:
    """Return perf.json without the time of every single round."""
    document = parsed(source.read_bytes(), f"{source}: not JSON")
    for benchmark in document["benchmarks"]:
        benchmark["stats"].pop("data", None)
    return json.dumps(document, indent=1) + "\n"


COMMAND = Command("my-machine", run, arguments)
