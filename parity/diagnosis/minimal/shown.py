"""The scripts of a run: one for each module and quantity that is wrong, however many cells show it."""

import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path

from parity.diagnosis.minimal.script import script
from parity.diagnosis.minimal.shrink import fails, smallest
from parity.verdict.trial import Trial

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()} {time.time()}"  # the same in all workers of a run


def begin(folder: Path, run: str) -> None:
    """Remove the scripts of another run; the first process of a run does it, the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".run").open("a+", encoding="utf-8", errors="replace") as known:
        fcntl.flock(known, fcntl.LOCK_EX)
        known.seek(0)
        if known.read() == run:
            return
        for left in folder.glob("*.py"):
            left.unlink()
        known.truncate(0)
        known.write(run)


def shown(trial: Trial, quantities: Iterable[str], subject: str, folder: Path, run: str = RUN) -> list[Path]:
    """Return the scripts that show these failed quantities of a cell; those that are not there yet are written.

    The process that creates the file first writes it: others, of this cell or another, only name it. None is written
    for a quantity that does not fail in a single forward and backward, or in another dtype than the script's; nor where
    the folder takes none, for the cell is judged without it.
    """
    try:
        begin(folder, run)
        return written(trial, quantities, subject, folder)
    except OSError:
        return []


def written(trial: Trial, quantities: Iterable[str], subject: str, folder: Path) -> list[Path]:
    """Return the scripts of the quantities, those written that are not there yet."""
    paths = []
    for quantity in quantities:
        path = folder / f"{trial.cell.page.module}-{quantity}.py"
        alone = Trial(trial.cell, trial.subject)
        if not path.exists() and not fails(alone, quantity):
            continue
        paths.append(path)
        try:
            path.open("x", encoding="utf-8").close()
        except FileExistsError:
            continue
        write(path, script(smallest(alone, quantity), quantity, subject, path.name))
    return paths


def write(path: Path, text: str) -> None:
    """Write the file, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
