"""Of how much a file of records is: nothing, a run that was not finished, a part of one, or a whole one."""

from enum import IntEnum
from pathlib import Path

from reports.lines import parsed
from reports.reading import restore
from reports.record import Run


class Extent(IntEnum):
    """Of how much a file of records is. More is never replaced by less."""

    NOTHING = 0  # no file, or none that opens with the record of a run
    UNFINISHED = 1  # it goes on, was stopped, or was killed
    PART = 2  # it ended, and what a run without words does was narrowed by its command line
    WHOLE = 3


def extent(path: Path) -> Extent:
    """Return the extent of a file; of a file of lines the first is read alone, which opens with a run record."""
    try:
        run = first(path)
    except (OSError, ValueError, KeyError, TypeError):
        return Extent.NOTHING
    if not run.complete:
        return Extent.UNFINISHED
    return Extent.WHOLE if run.whole else Extent.PART


def first(path: Path) -> Run:
    """Return the run record of a file; raise an error of Python's where there is none."""
    with path.open("rb") as file:
        text = file.read() if path.suffix == ".json" else file.readline()
    record = parsed(text, f"{path}: not a record")
    run: Run = restore(Run, record["gradparity"]["run"] if path.suffix == ".json" else record)
    if run.kind != Run.kind:
        raise ValueError(f"{path}: it opens with a record of kind {run.kind}")
    return run
