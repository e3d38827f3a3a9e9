"""The message of a failing cell."""

from collections.abc import Sequence
from typing import Any, Protocol

from parity.catalogue.added import files
from reports import again
from reports.command import IN_CHECKOUT, called
from reports.record import Parity

SHOWN = 6
FILE = "parity/test_parity.py"


class Located(Protocol):
    """A cell of any kind: what a command line can name."""

    @property
    def page(self) -> Any: ...
    @property
    def case(self) -> Any: ...
    @property
    def check(self) -> str: ...
    @property
    def dtype(self) -> str: ...
    @property
    def regime(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def tail(self) -> str: ...


def rerun(cell: Located, subject: str, file: str = FILE) -> str:
    """Return the command that runs just this cell again, on the subject as the command line named it."""
    words = {"subject": subject, **again.of_pages([str(path) for path in files()]), "module": cell.page.module}
    words |= {"case": cell.case.name, "check": cell.check}
    words |= {"dtype": cell.dtype, "device": cell.device, "seed": str(cell.seed)}
    run = f"pytest {file}" if called() == IN_CHECKOUT else f"{called()} parity"
    return f"{run} {again.options(words)} -k '{cell.tail}'"


def message(cell: Located, subject: str, wrong: Sequence[Parity], scripts: Sequence[str] = (), file: str = FILE) -> str:
    """Return what is wrong with a cell: a quantity, what it looks like, lines on its scripts, and how to rerun it."""
    lines = [
        f"{cell.page.module}, case {cell.case.name}, check {cell.check} ({cell.dtype}, {cell.regime}, {cell.device}):"
    ]
    for record in wrong[:SHOWN]:
        lines.append(f"  {record.quantity}: {record.detail}")
        lines += [f"    looks like: {record.diagnosis}"] if record.diagnosis else []
    if len(wrong) > SHOWN:
        lines.append(f"  and {len(wrong) - SHOWN} more")
    lines += [f"  {line}" for line in scripts[:SHOWN]]
    return "\n".join([*lines, f"  again: {rerun(cell, subject, file)}"])
