"""The scripts of a run: one for each module and quantity that is wrong, however many cells show it."""

import fcntl
import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parity.diagnosis.minimal.acts import ACTS, ERROR, Act
from parity.diagnosis.minimal.proof import doubt
from parity.diagnosis.minimal.script import script
from parity.diagnosis.minimal.shrink import renewed, smallest
from parity.subjects.process import Isolated, Limits
from parity.verdict.trial import Trial
from reports.record import Parity

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()} {time.time()}"  # the same in all workers of a run
TRIES = 3  # cells of one check that are asked for a script of a quantity; if none gives one, no further cell is
NOTES = ".run"  # the file that says of which run the scripts are; beside it, a file a quantity with what came of it


def begin(folder: Path, run: str) -> None:
    """Remove the scripts of another run; the first process of a run does it, the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NOTES).open("a+", encoding="utf-8", errors="replace") as known:
        fcntl.flock(known, fcntl.LOCK_EX)
        known.seek(0)
        if known.read() == run:
            return
        for left in [*folder.glob("*.py"), *folder.glob("*.partial"), *folder.glob(".*.json")]:
            left.unlink()
        known.truncate(0)
        known.write(run)


@dataclass
class Note:
    """What came of the tries to show a quantity: whether there is a script, and why the last try gave none."""

    written: bool
    reason: str
    tries: dict[str, int]  # by check


@contextmanager
def noted(file: Path) -> Iterator[Note]:
    """Hold the note of a quantity: other processes wait until the one that tries is done, and read what came of it."""
    with file.open("a+", encoding="utf-8") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        content = kept.read()
        fields: dict[str, Any] = json.loads(content) if content else {"written": False, "reason": "", "tries": {}}
        note = Note(**fields)
        yield note
        kept.truncate(0)
        kept.write(json.dumps(vars(note)))


def shown(trial: Trial, records: Iterable[Parity], subject: str, folder: Path, run: str = RUN) -> list[str]:
    """Return a line for each quantity that failed in a cell: the script that shows it, or why there is none.

    A script is written where there is none yet, and only if it does what it says (proof.py). Where the folder takes
    none, there are no lines: the cell is judged without them.
    """
    try:
        begin(folder, run)
        return [line(trial, quantity, subject, folder) for quantity in dict.fromkeys(map(of, records))]
    except OSError:
        return []


def of(record: Parity) -> str:
    """Return the quantity whose script shows a record: one of its own for all that end in an exception."""
    return ERROR if record.verdict == "error" else record.quantity


def place(folder: Path, module: str, quantity: str) -> Path:
    """Return where the script of a quantity lies, if there is one."""
    return folder / (re.sub(r"[^\w.]+", "-", f"{module}-{quantity}") + ".py")


def with_script(record: Parity, folder: Path, out: Path) -> Parity:
    """Return a record with the script that shows it, named from `out`; unchanged if there is none."""
    path = place(folder, record.module, of(record))
    return replace(record, script=str(path.relative_to(out))) if path.is_file() else record


def line(trial: Trial, quantity: str, subject: str, folder: Path) -> str:
    """Return what there is to run for a quantity; the first cells that ask for it try to write it."""
    path = place(folder, trial.cell.page.module, quantity)
    check = trial.cell.check
    with noted(folder / f".{path.stem}.json") as note:
        if not note.written and note.tries.get(check, 0) < TRIES:
            note.tries[check] = note.tries.get(check, 0) + 1
            note.reason = attempted(Trial(trial.cell, trial.subject), quantity, subject, path)
            note.written = not note.reason
        return f"smallest case: python {path}" if note.written else f"no smallest case of {quantity}: {note.reason}"


def attempted(trial: Trial, quantity: str, subject: str, path: Path) -> str:
    """Write the script of a quantity; return why there is none."""
    if trial.cell.page.draws(trial.cell.case):
        return "the module draws numbers of its own, and a script would draw others"
    if trial.cell.page.pairs is not None:
        return "of second derivatives no script is written"
    limits = Limits()
    if isinstance(trial.subject, Isolated):
        if trial.subject.overrun[trial.cell.page.module]:
            return "the subject's process was stopped at a limit, as each try would be"
        limits = trial.subject.limits
        trial.subject.begin()  # the search has the time of a cell of its own
    act, fault = showing(trial, quantity)
    if act is None:
        return "it does not show in calls that a script can make"
    found = smallest(trial, quantity, act)
    partial = path.with_suffix(".partial")
    partial.write_text(script(found, quantity, act, fault, subject, path.name), encoding="utf-8")
    reason = doubt(partial, quantity, fault, limits)
    if reason:
        partial.unlink()
        return reason
    partial.replace(path)
    return ""


def showing(trial: Trial, quantity: str) -> tuple[Act | None, str]:
    """Return the plainest act that shows a fault of this quantity, and what kind of fault; None if none does."""
    for act in ACTS:
        if act.covers(trial, quantity):
            fault = act.faults(renewed(trial)).get(quantity)
            if fault is not None:
                return act, fault
    return None, ""
