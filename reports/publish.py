"""Keep the records and pages of finished runs where a reader sees them: python -m reports.publish NAME.

Copies what lies in reports/out into reports/published/NAME and renders its pages there again. NAME says which machine
it was. Of perf.json the single rounds are left out: no page shows them, and they are most of the file. Refused are runs
that were interrupted, or of a checkout that was not committed: nobody could run those again.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.__main__ import rendered, sources
from reports.papers import page as papers_page
from reports.perf import reading as perf_reading
from reports.reading import restore
from reports.record import Run, read

NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
PICTURES = "figures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where everything was published; 2, after one line on standard error, where nothing could be."""
    parser = argparse.ArgumentParser(prog="python -m reports.publish", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the machine, in small letters: the folder in reports/published")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="folder of the finished runs")
    parser.add_argument("--to", type=Path, default=Path("reports/published"), help="folder of what is published")
    asked = parser.parse_args(arguments)
    try:
        if not NAME.fullmatch(asked.name):
            raise ValueError(f"NAME must be small letters, digits, dots and hyphens, was {asked.name!r}")
        found = [*sources(asked.out), *asked.out.glob(papers_page.TIMES)]
        for source in found:
            checked(source)
        for page in published(found, asked.to / asked.name):
            print(page)
    except (OSError, ValueError) as error:
        print(f"reports.publish: {error}", file=sys.stderr)
        return 2
    return 0


def runs(source: Path) -> list[Run]:
    """Return the runs that a file of records tells of."""
    if source.name == "perf.json":
        return [perf_reading.gather(document).run for document in perf_reading.read(source)]
    return [restore(Run, record) for record in read(source) if record.get("kind") == Run.kind]


def checked(source: Path) -> None:
    """Raise ValueError unless every run of a file was finished, on a committed checkout."""
    told = runs(source)
    if not told:
        raise ValueError(f"{source} tells of no run")
    for run in told:
        if not run.complete:
            raise ValueError(f"{source}: the run of {run.subject} was not finished")
        if not run.commit or run.commit.endswith("+"):
            raise ValueError(f"{source}: the run of {run.subject} was not on a committed checkout ({run.commit!r})")


def published(files: Sequence[Path], folder: Path) -> list[Path]:
    """Copy records and pictures, render the pages; return their paths. What the folder held before is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in files:
        if source.name == "perf.json":
            (folder / source.name).write_text(without_rounds(source), encoding="utf-8")
        else:
            shutil.copyfile(source, folder / source.name)
    pictures = files[0].parent / PICTURES
    if pictures.is_dir():
        shutil.copytree(pictures, folder / PICTURES, ignore=shutil.ignore_patterns("*.png"))
    return [rendered(source) for source in sources(folder)]


def without_rounds(source: Path) -> str:
    """Return perf.json without the time of every single round."""
    document = json.loads(source.read_text(encoding="utf-8"))
    for benchmark in document["benchmarks"]:
        benchmark["stats"].pop("data", None)
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
