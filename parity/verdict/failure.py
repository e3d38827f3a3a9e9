"""The words in which a failing cell is reported."""

from collections.abc import Sequence

from parity.verdict.cell import Cell
from reports.record import Parity

SHOWN = 6


def rerun(cell: Cell, subject: str) -> str:
    """Return the command that runs just this cell again, on the subject that the command line named so."""
    return f"pytest parity --subject {subject} --seed {cell.seed} --device {cell.device} -k '{cell}'"


def message(cell: Cell, subject: str, wrong: Sequence[Parity]) -> str:
    """Return what is wrong with a cell: a line a quantity, and the command that reruns it."""
    lines = [
        f"{cell.page.module}, case {cell.case.name}, check {cell.check} ({cell.dtype}, {cell.regime}, {cell.device}):"
    ]
    lines += [f"  {record.quantity}: {record.detail}" for record in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        lines.append(f"  and {len(wrong) - SHOWN} more")
    return "\n".join([*lines, f"  again: {rerun(cell, subject)}"])
