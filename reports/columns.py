"""A table as its columns: what a column is called, what stands in it and where, and how to read it, in one entry."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tabulate import tabulate

Row = TypeVar("Row")
LEFT, RIGHT = "left", "right"
WIDEST = 160  # characters of a line that an eye follows
PADDING, RULE = re.compile(r"(?<=\|) {2,}| {2,}(?=\|)"), re.compile(r"-{4,}")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table whose rows are of type Row."""

    title: str
    text: Callable[[Row], str]
    align: str = LEFT
    reading: str = ""  # the sentence of a legend; empty where the title says enough


def table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> str:
    """Return a Markdown table: a line a row, and in it the text that each column has for the row.

    Columns that stand one below the other are for the eye; of a table too wide for it they are not, and half the bytes.
    """
    aligned = tabulate(
        [[column.text(row) for column in columns] for row in rows],
        [column.title for column in columns],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=[column.align for column in columns],
    )
    return aligned if aligned.find("\n") <= WIDEST else PADDING.sub(" ", RULE.sub("---", aligned))


def readings(*columns: Column[Row]) -> str:
    """Return how to read the columns, in their order; what several of them share is said once."""
    return " ".join(dict.fromkeys(column.reading for column in columns if column.reading))
