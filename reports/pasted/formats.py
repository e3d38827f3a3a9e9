"""The formats in which tables are pasted: tabulate writes LaTeX, csv the values."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tabulate import tabulate

from reports.pasted.tables import TABLES, PastedTable
from reports.record import write_text
from reports.text import one_line

A_PAGE = 45  # rows of a table that stands on one page
# What every LaTeX of today sets as it stands; another letter, of a strange name, is shown as a question mark.
UNKNOWN = re.compile("[^\x20-\x7e\xa1-\xac\xae-\xff–—‘’“”…]")
Write = Callable[[PastedTable], str]


def latex(table: PastedTable) -> str:
    """Return a tabular, or a longtable where one page does not hold it, with the packages that it needs in a comment.

    The column of the subject stands there only if there are several.
    """
    rows, first = table.rows, table.entries[0]
    one = first.title == "subject" and len({first.text(row) for row in rows}) < 2
    entries = table.entries[1:] if one else table.entries
    long = len(rows) > A_PAGE
    body = tabulate(
        [[UNKNOWN.sub("?", one_line(entry.text(row))) for entry in entries] for row in rows],
        [entry.title for entry in entries],
        tablefmt="latex_longtable" if long else "latex_booktabs",
        disable_numparse=True,
        colalign=["right" if entry.is_number(rows) else "left" for entry in entries] if rows else None,
    )
    packages = "longtable" if long else "booktabs"
    return f"% {UNKNOWN.sub('?', one_line(table.caption))}. \\usepackage{{{packages}}}\n{body}\n"


def values(table: PastedTable) -> str:
    """Return comma-separated values with a head, numbers as they were recorded and times in seconds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(entry.title for entry in table.entries)
    writer.writerows([entry.known(row) for entry in table.entries] for row in table.rows)
    return text.getvalue()


FORMATS: Mapping[str, tuple[str, Write]] = {"latex": (".tex", latex), "csv": (".csv", values)}


def write(folder: Path, records: Mapping[str, Any], named: str) -> list[Path]:
    """Write every table that the records of a folder make, by the files that hold them; return their paths."""
    suffix, text = FORMATS[named]
    made = []
    for name, table_of in TABLES.items():
        if name in records:
            table = table_of(records[name])
            made.append(folder / f"{table.name}{suffix}")
            write_text(made[-1], text(table))
    return made
