"""Annotations of files, as GitHub reads them in the log of a job: a line for each wrong quantity.

An error is what fails the run; what differs in an aspect that does not is a warning.
"""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from reports.parity.consequences import Consequences
from reports.parity.gate.aspects import aspect, gating
from reports.parity.summary import display, order
from reports.parity.verdicts import reason, standing, weighs_values
from reports.reading import Recorded, grouped
from reports.record import Parity
from reports.text import counted

WRONG = ("fail", "void", "error")
MOST_CHARACTERS = 1000  # of a message


def data(words: str) -> str:
    """Return words as the message of a workflow command: on one line, its own signs escaped."""
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def field(words: str) -> str:
    """Return words as the value of a property of a workflow command."""
    return data(words).replace(":", "%3A").replace(",", "%2C")


def line_of(module: str, source: str) -> int:
    """Return the line of an adapter that first names a module in quotes; 0 where none does or it cannot be read."""
    try:
        lines = Path(source).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return 0
    named = (number for number, line in enumerate(lines, 1) if f'"{module}"' in line or f"'{module}'" in line)
    return next(named, 0)


def annotations(recorded: Recorded, root: str = "") -> list[str]:
    """Return a line for each wrong quantity of each module, at the line of the adapter that names the module.

    root  the folder from which files are named; the current one if empty
    """
    consequences = Consequences(recorded.parity)
    sources = {run.subject: run.source for run in recorded.runs}
    wrong = sorted((one for one in recorded.parity if standing(one) in WRONG and one not in consequences), key=order)
    by_quantity = grouped(wrong, quantity_of)
    failing, faults = gating(recorded.runs), [(run.subject, fault) for run in recorded.runs for fault in run.faults]
    return [
        *(f"::error title={field(subject)}::{data(fault)}" for subject, fault in dict.fromkeys(faults)),
        *(of_quantity(alike, failing, sources.get(subject, ""), root) for (subject, *_), alike in by_quantity.items()),
    ]


def quantity_of(record: Parity) -> tuple[str, str, str]:
    return record.subject, record.module, display(record.quantity) if weighs_values(record) else record.check


def fails_run(record: Parity, failing: Collection[str]) -> bool:
    """Return whether a wrong record makes the run fail, as one of these aspects, or as what proves nothing."""
    return standing(record) != "fail" or aspect(record) in failing


def of_quantity(alike: Sequence[Parity], failing: Collection[str], source: str, root: str) -> str:
    """Return the line of one wrong quantity: the first record of it that fails the run speaks for all."""
    first = min(alike, key=lambda record: not fails_run(record, failing))
    level = "error" if fails_run(first, failing) else "warning"
    subject, module, name = quantity_of(first)
    at = line_of(module, source) if source else 0
    file = os.path.relpath(source, root or None) if source else ""
    place = [f"file={field(file)}"] * bool(file) + [f"line={at}"] * bool(at)
    title = f"title={field(f'{subject}: {module} {name}')}"
    more = f" ({counted(len(alike), 'failure')} of this quantity)" if len(alike) > 1 else ""
    looks = f"\nlooks like: {first.diagnosis}" if first.diagnosis else ""
    where = f"case {first.case}, check {first.check}, {first.dtype}, {first.device}"
    said = f"{module} {name} is wrong in {where}{more}: {reason(first)}{looks}"
    return f"::{level} {','.join([*place, title])}::{data(said[:MOST_CHARACTERS])}"
