"""The records and pages of finished runs, kept where a reader sees them.

Copies what lies in reports/out into reports/published/NAME and renders its pages there again. NAME says which machine
it was. The single rounds of perf.json are left out: no page shows them, and they are most of the file. A run that was
interrupted, or whose checkout was not committed, is refused: nobody could run it again.
"""

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from reports.command import Command, folder
from reports.papers import page as papers_page
from reports.perf import reading as perf_reading
from reports.reading import restore
from reports.record import Run, read
from reports.render import rendered, sources

NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
PICTURES = "figures"


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
        print(page)
    return 0


def runs(source: Path) -> list[Run]:
    """Return the runs that a file of records describes."""
    if source.name == "perf.json":
        return [perf_reading.gather(document).run for document in perf_reading.read(source)]
    return [restore(Run, record) for record in read(source) if record.get("kind") == Run.kind]


def checked(source: Path) -> None:
    """Raise ValueError unless every run of a file was finished, on a committed checkout."""
    told = runs(source)
    if not told:
        raise ValueError(f"{source} describes no run")
    for run in told:
        if not run.complete:
            raise ValueError(f"{source}: the run of {run.subject} was not finished")
        if not run.commit or run.commit.endswith("+"):
            raise ValueError(f"{source}: the run of {run.subject} was not on a committed checkout ({run.commit!r})")


def published(files: Sequence[Path], place: Path) -> list[Path]:
    """Copy records and pictures, render the pages; return their paths. What the place held before is replaced."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for source in files:
        if source.name == "perf.json":
            (place / source.name).write_text(without_rounds(source), encoding="utf-8")
        else:
            shutil.copyfile(source, place / source.name)
    pictures = files[0].parent / PICTURES
    if pictures.is_dir():
        shutil.copytree(pictures, place / PICTURES, ignore=shutil.ignore_patterns("*.png"))
    return [rendered(source) for source in sources(place)]


def without_rounds(source: Path) -> str:
    """Return perf.json without the time of every single round."""
    document = json.loads(source.read_text(encoding="utf-8"))
    for benchmark in document["benchmarks"]:
        benchmark["stats"].pop("data", None)
    return json.dumps(document, indent=1) + "\n"


COMMAND = Command("my-machine", run, arguments)
