"""Whatever becomes of a file of records, it ends in one sentence or in a page that says INCOMPLETE."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.lines import read
from reports.parity.referee import speed
from reports.record import end, line
from reports.render import rendered
from tests.reports.damage import document, files, harmed, harmed_document

NAMES = ("parity.jsonl", "papers.jsonl", "trust.jsonl", "perf.json")
RECORDS = NAMES[:3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files(tmp_path)
    return tmp_path


def outcome(path: Path) -> str:
    """Return what a reader is told of a file: its sentence, or that the page is incomplete; empty if it is a page."""
    page = path.with_suffix(".md")
    page.unlink(missing_ok=True)
    made, said = None, ""
    try:
        made = rendered(path)
    except ValueError as error:
        said = str(error)
    if made is None:
        assert not page.exists()
        assert str(path) in said
        assert "\n" not in said.strip()
        return said
    text = page.read_text(encoding="utf-8")
    assert bool(made.unfinished) == ("INCOMPLETE" in text)
    if made.unfinished:
        assert "compared quantities of" not in text
        assert "can be trusted.**" not in text
    return made.unfinished


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def put(path: Path, held: list[str], sealed: bool = False) -> None:
    """Write lines; sealed, with an end record that fits them."""
    whole = [*held[:-1], line(end(held[:-1]))] if sealed else held
    path.write_text("".join(f"{text}\n" for text in whole), encoding="utf-8", errors="surrogatepass")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_as_it_was_written_makes_a_page(folder: Path, name: str) -> None:
    assert outcome(folder / name) == ""


def changed(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a file with one record harmed."""
    held = lines(path)
    for place, text in enumerate(held):
        for what, other in harmed(json.loads(text)):
            yield f"line {place + 1} {what}", [*held[:place], json.dumps(other), *held[place + 1 :]]


@pytest.mark.parametrize("name", RECORDS)
def test_a_field_that_is_missing_or_of_another_type_is_told(folder: Path, name: str) -> None:
    path, told = folder / name, 0
    for what, held in changed(path):
        if held != lines_once(path):
            put(path, held)
            assert outcome(path), what
            told += 1
    assert told > 400


ORIGINAL: dict[Path, list[str]] = {}


def lines_once(path: Path) -> list[str]:
    """Return the lines of a file as they were when it was first looked at."""
    return ORIGINAL.setdefault(path, lines(path))


@pytest.mark.parametrize("name", RECORDS)
def test_a_field_that_was_written_so_ends_in_no_traceback(folder: Path, name: str) -> None:
    path, sentences = folder / name, 0
    for _, held in changed(path):
        put(path, held, sealed=True)
        sentences += bool(outcome(path))
    assert sentences > 200


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_is_no_page_of_a_finished_run(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes().rstrip(b"\n")
    breaks = [place + shift for place, byte in enumerate(whole) if byte == 10 for shift in (-1, 0, 1)]
    for length in sorted({*range(0, len(whole), 53), *breaks, len(whole) - 1}):
        path.write_bytes(whole[:length])
        assert outcome(path), length


def test_an_empty_file_is_told_in_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "parity.jsonl").write_bytes(b"")
    assert main(["report", "--out", str(folder)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "parity.jsonl is empty" in said


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda held: [*held[:-1], held[1], held[-1]], "its end record counts others"),
        (lambda held: held + held, "goes on after its end record"),
        (lambda held: [held[0], held[2], held[1], *held[3:]], "was changed after it was written"),
        (lambda held: held[:2] + held[3:], "its end record counts others"),
        (lambda held: held[:-1], "it is cut off, or the run was killed"),
        (lambda held: [held[0].replace('"seed": 3', '"seed": 4'), *held[1:]], "was changed after it was written"),
        (lambda held: held[1:], "its end record counts others"),
    ],
)
@pytest.mark.parametrize("name", RECORDS)
def test_lines_doubled_lost_moved_or_edited_are_told(
    folder: Path, name: str, harm: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / name
    put(path, harm(lines(path)))
    assert words in outcome(path)
    assert main(["report", "--out", str(folder)]) == 1
    assert "INCOMPLETE" in capsys.readouterr().err
    assert main(["publish", "some-machine", "--out", str(folder), "--to", str(folder / "to")]) == 2
    assert not (folder / "to").exists()


@pytest.mark.parametrize("name", RECORDS)
def test_a_header_of_another_kind_makes_no_page_that_passes(folder: Path, name: str) -> None:
    path = folder / name
    first, *rest = lines(path)
    for other in rest:
        put(path, [first.replace('"kind": "run"', f'"kind": "{json.loads(other)["kind"]}"'), *rest])
        assert outcome(path)


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"a":' * 100_000, '{"kind": ' + "[" * 900 + "]" * 900 + "}"])
@pytest.mark.parametrize("name", NAMES)
def test_deep_nesting_ends_in_one_sentence(folder: Path, name: str, nested: str) -> None:
    path = folder / name
    put(path, [nested, *lines(path)])
    assert outcome(path)


def test_perf_json_with_a_value_missing_or_of_another_type_ends_in_no_traceback(folder: Path) -> None:
    path, told = folder / "perf.json", 0
    for _, whole in harmed_document():
        path.write_text(json.dumps(whole), encoding="utf-8")
        told += bool(outcome(path))
    assert told > 500


def test_timings_that_are_damaged_never_end_the_page_of_the_run(folder: Path) -> None:
    path = folder / "perf.json"
    for _, whole in harmed_document():
        path.write_text(json.dumps(whole), encoding="utf-8")
        speed.render(speed.beside(folder), [])
    for other in (b"", b"\xff\xfe", b"[]", b'"x"', b"[" * 100_000):
        path.write_bytes(other)
        assert speed.beside(folder) is None
    path.unlink()
    path.mkdir()
    assert speed.beside(folder) is None


def test_a_timed_row_without_its_ratio_is_told(folder: Path) -> None:
    whole = document()
    del whole["benchmarks"][0]["extra_info"]["ratio"]
    (folder / "perf.json").write_text(json.dumps(whole), encoding="utf-8")
    assert "lacks its ratio" in outcome(folder / "perf.json")


def test_a_file_of_the_older_kind_has_no_end_record(folder: Path) -> None:
    path = folder / "parity.jsonl"
    first, *rest = lines(path)
    put(path, [first.replace('"ends": true', '"ends": false'), *rest[:-1]])
    assert outcome(path) == ""
    assert len(list(read(path))) == len(rest)
