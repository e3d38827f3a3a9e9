"""The folder of a run, which no other run writes into, whatever else runs at the same time."""

import re
import shutil
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from reports.runs.extent import Extent, extent
from reports.sources import SOURCES

RUNS = "runs"  # the folder of all of them, in the one that the command line names
KEPT = 20  # whole runs of a subject, and as many others of it, that are kept however old they are
KEPT_SECONDS = 24 * 3600  # for which every run is kept, the more so one that goes on
IGNORED, EVERYTHING = ".gitignore", "*\n"  # a run's scripts are nobody's sources, to git and to what heeds it
LONGEST = 60  # characters of the name of a subject


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run, and that in front of it."""

    out: Path  # that the command line named: the front
    own: Path  # of this run alone

    def forget(self) -> None:
        """Remove the folder of a run in which nothing ran, and those above it that hold nothing else."""
        shutil.rmtree(self.own, ignore_errors=True)
        with suppress(OSError):
            for above in (self.own.parent, self.own.parent.parent):
                above.rmdir()


def claimed(out: Path, subject: str, started: datetime) -> RunFolder:
    """Make the folder of a run, which no other run has; older runs of the subject that are not kept go.

    subject  its name, or those of several; raises OSError where the folder cannot be made
    """
    of_subject = out / RUNS / named(subject)
    of_subject.mkdir(parents=True, exist_ok=True)
    prune(of_subject)
    stamp = started.strftime("%Y%m%d-%H%M%S")
    for again in count(1):
        own = of_subject / (stamp if again == 1 else f"{stamp}-{again}")
        with suppress(FileExistsError):
            own.mkdir()
            break
    (own / IGNORED).write_text(EVERYTHING, encoding="utf-8")
    return RunFolder(out, own)


def named(subject: str) -> str:
    """Return the name of a folder for a subject: letters, digits, and what stands between them."""
    return re.sub(r"[^\w.+-]+", "-", subject).strip("-.")[:LONGEST] or "subject"


def prune(of_subject: Path) -> None:
    """Remove the runs of a subject that are older than a day, except the latest whole ones and the latest others."""
    folders = [own for own in of_subject.iterdir() if own.is_dir()]
    written = {own: last_written(own) or made(own) for own in folders}  # one just claimed has no records yet
    latest, seen = sorted(written, key=lambda own: written[own], reverse=True), Counter[bool]()
    old = {own for own in latest[KEPT:] if time.time() - written[own] > KEPT_SECONDS}
    for own in latest if old else ():  # to tell a whole run, a file of times is read from end to end
        whole = any(extent(own / kind) is Extent.WHOLE for kind in SOURCES)
        seen[whole] += 1
        if seen[whole] > KEPT and own in old:
            shutil.rmtree(own, ignore_errors=True)


def made(own: Path) -> float:
    """Return when something was last put into a folder, in seconds; 0 where it is gone."""
    with suppress(OSError):
        return own.stat().st_mtime
    return 0.0


def last_written(own: Path) -> float:
    """Return when the records of a run were last written to, in seconds; 0 where there are none."""
    times = [0.0]
    for kind in SOURCES:
        with suppress(OSError):
            times.append((own / kind).stat().st_mtime)
    return max(times)


def unfinished_since(out: Path) -> list[Path]:
    """Return the folders of runs that go on, or were stopped, after what is in front of them was written."""
    shown = last_written(out)
    every = [own for own in (out / RUNS).glob("*/*") if last_written(own) > shown]
    return sorted(own for own in every if any(extent(own / kind) is Extent.UNFINISHED for kind in SOURCES))
