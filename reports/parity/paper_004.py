"""Tables I and II of paper 004, with the scale that the paper leaves out."""

import math
from collections.abc import Iterable, Sequence

from reports.parity.summary import display, position
from reports.record import Table
from reports.text import figure, safe, table

CONTENTS = {"I": "output", "II": "gradients"}
COLUMNS = (
    "module", "quantity", "shape", "dtype", "runs", r"mean \|difference\| (std)", "scale", "relative", "paper 004",
)  # fmt: skip
EXPLANATION = (
    "Over many runs of one tensor: the mean |difference| to torch.nn with its standard deviation over the runs, beside "
    "the mean |torch.nn| (scale) and the ratio of the two (relative), because a difference says nothing without its "
    "scale; the last column is the paper's own figure, as printed there. The paper leaves open the options of its "
    "convolutions and how its cotangents were drawn: here 3 to 3 channels, a 3 x 3 kernel, cotangents from N(0, 1)."
)


def section(records: Sequence[Table]) -> str:
    """Return the tables, or the sentence that there are none."""
    if not records:
        return "This run did not measure them."
    numbers = sorted({record.table for record in records})
    return "\n\n".join([EXPLANATION, *(one(number, records) for number in numbers)])


def one(number: str, records: Iterable[Table]) -> str:
    """Return the table with this Roman number."""
    heading = f"### Table {number}: {CONTENTS[number]}" if number in CONTENTS else f"### Table {safe(number)}"
    rows = [row(record) for record in sorted(records, key=order) if record.table == number]
    return f"{heading}\n\n{table(COLUMNS, rows, 'llllrrrrr')}"


def order(record: Table) -> tuple[object, ...]:
    return position(record.quantity, ("output", "dx", "dweight", "dbias")), record.module, record.dtype, record.device


def row(record: Table) -> list[str]:
    names = safe(record.module), safe(display(record.quantity)), str(record.shape), safe(record.dtype)
    spread = f"{figure(record.mean)} ({figure(record.std)})"
    relative = record.mean / record.scale if record.scale else math.nan
    return [*names, f"{record.runs:,}", spread, figure(record.scale), figure(relative), safe(record.paper)]
