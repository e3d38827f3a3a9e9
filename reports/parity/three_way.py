"""Two subjects (or more) and torch.nn, each against the truth, quantity by quantity.

The files are records of parity runs: of the layers and of the tape, for instance, the derivatives of which share no
formula. What all have in common stands side by side.
"""

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, starmap
from pathlib import Path
from typing import Any

from reports.columns import RIGHT, Column, readings, table
from reports.command import Command, out_folder
from reports.lines import read
from reports.parity.summary import cell, display, dtype, order
from reports.parity.verdicts import COMPARED, standing, weighs_values
from reports.reading import gather, grouped
from reports.record import Parity, printable, write_text
from reports.text import counted, figure, listed, percent, safe

TORCH = "torch.nn"
Comparison = tuple[object, ...]  # what identifies one compared quantity of one cell
Meeting = tuple[Parity, ...]  # one quantity of one cell, as each subject computed it


@dataclass(frozen=True)
class CellGroup:
    """The cells that a row of the table is of: in each, the error of every side in the order of the columns."""

    module: str
    quantity: str
    errors: Sequence[Sequence[float]]


def narrow(records: Iterable[Parity]) -> dict[Comparison, Parity]:
    """Return what was compared with the truth, by cell and quantity; not in float64, where torch.nn is the truth."""
    return {
        (*cell(record), record.quantity): record
        for record in records
        if weighs_values(record) and standing(record) in COMPARED and dtype(record) != "float64"
        if not math.isnan(record.subject_error)
    }


def meetings(each: Sequence[Mapping[Comparison, Parity]]) -> list[Meeting]:
    """Return what all subjects have in common, in the order of a page."""
    met = [tuple(values[at] for values in each) for at in each[0] if all(at in values for values in each)]
    return sorted(met, key=lambda meeting: order(meeting[0]))


def errors(meeting: Meeting) -> list[float]:
    """Return the error of every subject, and that of torch.nn."""
    return [*(record.subject_error for record in meeting), meeting[0].reference_error]


def groups(met: Sequence[Meeting]) -> Iterator[CellGroup]:
    """Yield a group for every module and quantity, and one for all."""
    placed = grouped(met, lambda meeting: (safe(meeting[0].module), safe(display(meeting[0].quantity))))
    for (module, quantity), alike in [*placed.items(), (("**all**", ""), list(met))]:
        yield CellGroup(module, quantity, [errors(meeting) for meeting in alike])


def columns(sides: Sequence[str]) -> list[Column[CellGroup]]:
    """Return the columns: what a row is of, the error of every side, then how often each side is closest."""
    what: list[Column[CellGroup]] = [
        Column("module", lambda group: group.module),
        Column("quantity", lambda group: group.quantity),
        Column("cells", lambda group: f"{len(group.errors):,}", RIGHT),
    ]
    return [*what, *starmap(error, enumerate(sides)), *starmap(closest, enumerate(sides))]


def error(place: int, side: str) -> Column[CellGroup]:
    """Return the column of the worst errors of one side."""
    return Column(
        f"{safe(side)}, error",
        lambda group: figure(max(cell_errors[place] for cell_errors in group.errors)),
        RIGHT,
        "Error: the largest over the cells, in units of u·gauge, where 1 is an ordinary rounding error.",
    )


def closest(place: int, side: str) -> Column[CellGroup]:
    """Return the column of how often one side is closest."""
    return Column(
        f"{safe(side)} closest, %",
        lambda group: percent(sum(each[place] == min(each) for each in group.errors), len(group.errors)),
        RIGHT,
        "Closest: the share of the cells in which no other side is nearer to the truth; a tie counts for every side "
        "that shares it. Cells in float64 are left out: there torch.nn is the truth.",
    )


def common(records: Iterable[Parity]) -> tuple[dict[str, dict[Comparison, Parity]], list[Meeting]]:
    """Return the values of each subject, and what all of them have."""
    each = {name: narrow(own) for name, own in grouped(records, lambda record: record.subject).items()}
    return each, meetings(list(each.values())) if len(each) > 1 else []


def section(records: Iterable[Parity]) -> str:
    """Return the table and what it leaves out."""
    each, met = common(records)
    if not met:
        return "The subjects have no compared value in common."
    shown = columns([*each, TORCH])
    return "\n\n".join([table(shown, groups(met)), readings(*shown), *left_out(each), *drift(met)])


def left_out(each: Mapping[str, Mapping[Comparison, Parity]]) -> Iterator[str]:
    """Yield a sentence on the modules of each subject that another one does not have."""
    modules = {name: {record.module for record in values.values()} for name, values in each.items()}
    shared = set.intersection(*modules.values())
    for name, own in modules.items():
        if own - shared:
            named = safe(listed(sorted(own - shared), 12))
            yield f"Not in the table, because not all have them, of {safe(name)}: {named}."


def drift(met: Sequence[Meeting]) -> Iterator[str]:
    """Yield a sentence where the records are not of like runs."""
    unlike = sum(len({record.reference_error for record in meeting}) > 1 for meeting in met)
    if unlike:
        where = counted(unlike, "quantity")
        yield f"**In {where} torch.nn itself differs between the records**: run both alike, on one machine."


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of the records of several subjects; raise ValueError where they do not go together."""
    recorded = gather(records)
    if recorded.damages:
        raise ValueError(f"the records are INCOMPLETE: {recorded.damages[0].detail}")
    measured = recorded.parity
    each, met = common(measured)
    names = " and ".join(each) or "none"
    if len(each) < 2:
        raise ValueError(f"the records must be of two subjects or more, are of {names}")
    if not met:
        raise ValueError(f"{names} must have a cell in common (of the same seed), have none")
    return f"# Each way to every gradient, against the truth\n\n{section(measured)}\n"


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", type=Path, nargs="+", help="records, e.g. reports/out/parity.jsonl")
    page = f"{out_folder()}/three_way.md"
    add("--out", type=Path, default=Path(page), help=f"the page to write (default {page})")


def run(asked: argparse.Namespace) -> int:
    """Write the page."""
    text = render(chain.from_iterable(map(read, asked.files)))
    write_text(asked.out, text)
    print(printable(str(asked.out)))
    return 0


COMMAND = Command("reports/out/three-way/parity.jsonl", run, arguments)
