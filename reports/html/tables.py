"""A table of a page of Markdown, as the templates show it: its columns are those of the other page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

from markupsafe import Markup

from reports.columns import RIGHT, Column, Row, readings
from reports.html.words import inline


@dataclass(frozen=True)
class HeadView:
    """The head of a column."""

    title: Markup
    right: bool


@dataclass(frozen=True)
class RowView:
    """A row: its cells, by what it is filtered, and the name by which a link finds it."""

    cells: Sequence[Markup]
    tokens: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class TableView:
    """A table, and how to read it."""

    heads: Sequence[HeadView]
    rows: Sequence[RowView]
    reading: Markup


def view(
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    marks: Sequence[tuple[str, str]] = (),
) -> TableView:
    """Return the table of these columns; `marks` are tokens and anchor of each row, where it has some."""
    return TableView(
        heads=[HeadView(inline(column.title), column.align == RIGHT) for column in columns],
        rows=[
            RowView([inline(column.text(row)) for column in columns], *mark)
            for row, mark in zip(rows, marks or repeat(("", "")), strict=False)
        ],
        reading=inline(readings(*columns)),
    )
