"""Table III of paper 004 beside ours: forward passes on a processor, like with like.

The paper's Upsampling convolves after it repeats; its "PyTorch" column may not. Ours does on both sides."""

from collections.abc import Sequence
from typing import NamedTuple

from reports.columns import RIGHT, Column, table
from reports.perf.columns import between, shown
from reports.perf.record import RowFinding
from reports.text import figure


class PrintedTime(NamedTuple):
    """What the paper prints of a module: mean microseconds a call over 1000 runs of 1000 calls."""

    theirs: float
    pytorch: float


PRINTED = {
    "ReLU": PrintedTime(17.8, 4.5),
    "Sigmoid": PrintedTime(35.8, 3.2),
    "MSELoss": PrintedTime(25.8, 44.2),
    "Conv2d": PrintedTime(121.8, 48.4),
    "Upsampling": PrintedTime(353.9, 73.3),
}
CASES = ("paper-004-tiny", "papers")
COLUMNS: Sequence[Column[RowFinding]] = (
    Column("module", lambda row: row.module),
    Column("input", lambda row: str(row.shape)),
    Column("torch, µs", lambda row: microseconds(row.reference.seconds), RIGHT),
    Column("subject, µs", lambda row: microseconds(row.subject.seconds), RIGHT),
    Column("ratio [low, high]", lambda row: between(row.time, "**{:.2f}** [{:.2f}, {:.2f}]"), RIGHT),
    Column("paper: PyTorch, µs", lambda row: figure(PRINTED[row.module].pytorch), RIGHT),
    Column("paper: theirs, µs", lambda row: figure(PRINTED[row.module].theirs), RIGHT),
    Column("paper: ratio", lambda row: figure(PRINTED[row.module].theirs / PRINTED[row.module].pytorch), RIGHT),
)
EXPLANATION = (
    "Time of a forward pass. The paper does not print the size of its inputs; a few microseconds are the time of few "
    "elements, so both are here: a tiny input, and the tensor of its other tables. Compare ratios: machines differ. "
    "Upsampling is repetition and convolution on both sides of ours; the paper does not say so of PyTorch's."
)


def section(findings: Sequence[RowFinding]) -> str:
    """Return the table, or the sentence that there is none."""
    rows = [row for module in PRINTED for case in CASES for row in findings if here(row, module, case)]
    return f"{EXPLANATION}\n\n{table(COLUMNS, rows)}" if rows else "This run did not time its rows."


def here(row: RowFinding, module: str, case: str) -> bool:
    place = row.module, row.case, row.mode, row.device
    return place == (module, case, "forward", "cpu") and row.time is not None


def microseconds(seconds: float | None) -> str:
    return shown(seconds, lambda seconds: figure(seconds * 1e6))
