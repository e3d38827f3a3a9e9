"""Tables I and II of paper 004, with the scale that the paper leaves out."""

import math
from collections.abc import Iterable, Sequence

from reports.columns import RIGHT, Column, readings, table
from reports.parity.summary import display, position
from reports.record import Paper004Difference
from reports.text import figure, safe

CONTENTS = {"I": "output", "II": "gradients"}
COLUMNS: Sequence[Column[Paper004Difference]] = (
    Column("module", lambda record: safe(record.module)),
    Column("quantity", lambda record: safe(display(record.quantity))),
    Column("shape", lambda record: str(record.shape)),
    Column("dtype", lambda record: safe(record.dtype)),
    Column("runs", lambda record: f"{record.runs:,}", RIGHT),
    Column(
        r"mean \|difference\| (std)",
        lambda record: f"{figure(record.mean)} ({figure(record.std)})",
        RIGHT,
        "Over many runs of one tensor: the mean |difference| to torch.nn with its standard deviation over the runs.",
    ),
    Column(
        "scale",
        lambda record: figure(record.scale),
        RIGHT,
        "The scale is the mean |torch.nn|: a difference says nothing without it.",
    ),
    Column(
        "relative",
        lambda record: figure(record.mean / record.scale if record.scale else math.nan),
        RIGHT,
        "Relative: the mean |difference| over the scale.",
    ),
    Column(
        "paper 004",
        lambda record: safe(record.paper),
        RIGHT,
        "The last column is the paper's own figure, as printed there.",
    ),
)
LEFT_OPEN = (
    "The paper leaves open the options of its convolutions and how its cotangents were drawn: here 3 to 3 channels, a "
    "3 x 3 kernel, cotangents from N(0, 1)."
)


def section(records: Sequence[Paper004Difference]) -> str:
    """Return the tables, or the sentence that there are none."""
    if not records:
        return "This run did not measure them."
    numbers = sorted({record.table for record in records})
    return "\n\n".join([f"{readings(*COLUMNS)} {LEFT_OPEN}", *(one(number, records) for number in numbers)])


def one(number: str, records: Iterable[Paper004Difference]) -> str:
    """Return the table with this Roman number."""
    heading = f"### Table {number}: {CONTENTS[number]}" if number in CONTENTS else f"### Table {safe(number)}"
    rows = [record for record in sorted(records, key=order) if record.table == number]
    wrong = "\n".join(
        f"- {safe(row.module)} {safe(display(row.quantity))}: {safe(row.detail)}" for row in rows if row.detail
    )
    return "\n\n".join(filter(None, [heading, table(COLUMNS, rows), wrong and f"Wrong:\n\n{wrong}"]))


def order(record: Paper004Difference) -> tuple[object, ...]:
    return position(record.quantity, ("output", "dx", "dweight", "dbias")), record.module, record.dtype, record.device
