"""A column is one entry: its title, text, side and reading cannot come apart."""

from reports.columns import RIGHT, Column, readings, table

NAME: Column[tuple[str, int]] = Column("name", lambda row: row[0])
COUNT: Column[tuple[str, int]] = Column("count", lambda row: f"{row[1]:,}", RIGHT, "Count: of cells.")
SHARE: Column[tuple[str, int]] = Column("share", lambda row: f"{row[1] / 10:g} %", RIGHT, "Count: of cells.")


def test_every_row_has_the_text_of_every_column() -> None:
    assert table((NAME, COUNT), [("a", 1000), ("b", 2)]).splitlines() == [
        "| name   |   count |",
        "|:-------|--------:|",
        "| a      |   1,000 |",
        "| b      |       2 |",
    ]


def test_columns_change_places_with_all_that_is_theirs() -> None:
    assert table((COUNT, NAME), [("a", 1)]).splitlines() == [
        "|   count | name   |",
        "|--------:|:-------|",
        "|       1 | a      |",
    ]


def test_figures_are_shown_as_they_are_written() -> None:
    column: Column[str] = Column("figure", str)
    assert "1.50e-07" in table([column], ["1.50e-07"])


def test_a_reading_is_said_once() -> None:
    assert readings(NAME, COUNT, SHARE) == "Count: of cells."
    assert readings(NAME) == ""


def test_a_table_too_wide_for_the_eye_is_not_padded() -> None:
    columns = [Column("a", lambda row: row[0]), Column("b", lambda row: row[1], RIGHT)]
    said = table(columns, [("x" * 200, "1"), ("y  z", "22")])
    assert said.splitlines()[1:] == ["|:---|---:|", f"| {'x' * 200} | 1 |", "| y  z | 22 |"]
