"""Two subjects (or more) and torch.nn, each against the truth, quantity by quantity.

The files are records of parity runs: of the layers and of the tape, for instance, whose derivatives share no formula.
What all have in common is set side by side.
"""

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from reports.command import Command
from reports.parity.summary import cell, display, dtype, grouped, order
from reports.parity.verdicts import COMPARED, standing, weighs_values
from reports.reading import gather
from reports.record import Parity, read
from reports.text import counted, figure, listed, percent, safe, table

TORCH = "torch.nn"
PAGE = Path("reports/out/three_way.md")
HOW_TO_READ = (
    "Error: the largest over the cells, in units of u·gauge, where 1 is an ordinary rounding error. Closest: the share "
    "of the cells in which no other side is nearer to the truth; a tie counts for every side that shares it. Cells in "
    "float64 are left out: there torch.nn is the truth."
)
Key = tuple[object, ...]
Meeting = tuple[Parity, ...]  # one quantity of one cell, as each subject computed it


def narrow(records: Iterable[Parity]) -> dict[Key, Parity]:
    """Return what was compared with the truth, by cell and quantity; not in float64, where torch.nn is the truth."""
    return {
        (*cell(record), record.quantity): record
        for record in records
        if weighs_values(record) and standing(record) in COMPARED and dtype(record) != "float64"
        if not math.isnan(record.subject_error)
    }


def meetings(each: Sequence[Mapping[Key, Parity]]) -> list[Meeting]:
    """Return what all subjects have in common, in the order of a page."""
    met = [tuple(found[key] for found in each) for key in each[0] if all(key in found for found in each)]
    return sorted(met, key=lambda meeting: order(meeting[0]))


def errors(meeting: Meeting) -> list[float]:
    """Return the error of every subject, and that of torch.nn."""
    return [*(record.subject_error for record in meeting), meeting[0].reference_error]


def rows(met: Sequence[Meeting]) -> Iterator[list[str]]:
    """Yield a row for every module and quantity, and one for all."""
    groups: dict[tuple[str, str], list[Meeting]] = {}
    for meeting in met:
        groups.setdefault((safe(meeting[0].module), safe(display(meeting[0].quantity))), []).append(meeting)
    for names, found in [*groups.items(), (("**all**", ""), list(met))]:
        at = [errors(meeting) for meeting in found]
        sides = range(len(at[0]))
        worst = [figure(max(each[side] for each in at)) for side in sides]
        closest = [percent(sum(each[side] == min(each) for each in at), len(at)) for side in sides]
        yield [*names, f"{len(found):,}", *worst, *closest]


def common(records: Iterable[Parity]) -> tuple[dict[str, dict[Key, Parity]], list[Meeting]]:
    """Return the values of each subject, and what all of them have."""
    each = {name: narrow(found) for name, found in grouped(records, lambda record: record.subject).items()}
    return each, meetings(list(each.values())) if len(each) > 1 else []


def section(records: Iterable[Parity]) -> str:
    """Return the table and what it leaves out."""
    each, met = common(records)
    if not met:
        return "The subjects have no compared value in common."
    sides = [safe(name) for name in (*each, TORCH)]
    columns = [f"{side}{what}" for what in (", error", " closest, %") for side in sides]
    tabled = table(["module", "quantity", "cells", *columns], list(rows(met)), "ll" + "r" * (1 + len(columns)))
    return "\n\n".join([tabled, HOW_TO_READ, *left_out(each), *drift(met)])


def left_out(each: Mapping[str, Mapping[Key, Parity]]) -> Iterator[str]:
    """Yield a sentence on the modules of each subject that another one does not have."""
    modules = {name: {record.module for record in found.values()} for name, found in each.items()}
    shared = set.intersection(*modules.values())
    for name, own in modules.items():
        if own - shared:
            yield f"Not in the table, for not all have them, of {safe(name)}: {safe(listed(sorted(own - shared), 12))}."


def drift(met: Sequence[Meeting]) -> Iterator[str]:
    """Yield a sentence where the records are not of like runs."""
    unlike = sum(len({record.reference_error for record in meeting}) > 1 for meeting in met)
    if unlike:
        where = counted(unlike, "quantity")
        yield f"**In {where} torch.nn itself differs between the records**: run both alike, on one machine."


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of the records of several subjects; raise ValueError where they do not go together."""
    found = gather(records).parity
    each, met = common(found)
    names = " and ".join(each) or "none"
    if len(each) < 2:
        raise ValueError(f"the records must be of two subjects or more, are of {names}")
    if not met:
        raise ValueError(f"{names} must have a cell in common (of the same seed), have none")
    return f"# Each way to every gradient, against the truth\n\n{section(found)}\n"


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", type=Path, nargs="+", help="records, e.g. reports/out/parity.jsonl")
    add("--out", type=Path, default=PAGE, help=f"the page to write (default {PAGE})")


def run(asked: argparse.Namespace) -> int:
    """Write the page."""
    text = render(chain.from_iterable(map(read, asked.files)))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(text, encoding="utf-8", newline="\n")
    print(asked.out)
    return 0


COMMAND = Command("reports/out/three-way/parity.jsonl", run, arguments)
