"""The words in which a failing cell is reported."""

import shlex
from collections.abc import Sequence

from parity.verdict.cell import Cell
from reports.record import Parity

SHOWN = 6


def rerun(cell: Cell, subject: str) -> str:
    """Return the command that runs just this cell again, on the subject that the command line named so."""
    words = {"subject": subject, "module": cell.page.module, "case": cell.case.name, "check": cell.check}
    words |= {"dtype": cell.dtype, "device": cell.device, "seed": str(cell.seed)}
    options = " ".join(f"--{name} {shlex.quote(word)}" for name, word in words.items())
    return f"pytest parity/test_parity.py {options} -k '{cell.tail}'"


def message(cell: Cell, subject: str, wrong: Sequence[Parity]) -> str:
    """Return what is wrong with a cell: a line a quantity, and the command that reruns it."""
    lines = [
        f"{cell.page.module}, case {cell.case.name}, check {cell.check} ({cell.dtype}, {cell.regime}, {cell.device}):"
    ]
    lines += [f"  {record.quantity}: {record.detail}" for record in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        lines.append(f"  and {len(wrong) - SHOWN} more")
    return "\n".join([*lines, f"  again: {rerun(cell, subject)}"])
