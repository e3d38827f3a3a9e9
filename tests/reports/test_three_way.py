"""Two subjects beside torch.nn: what both files hold, and nothing else."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.parity.three_way import render
from reports.record import Parity, Run, write

RUN = Run(
    subject="framework",
    seed=7,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="",
    machine={},
    versions={},
    settings={},
)
LAYERS = Parity(
    subject="framework",
    module="Linear",
    case="plain",
    check="values",
    quantity="dweight",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=7,
    verdict="pass",
    elements=28,
    subject_error=0.25,
    reference_error=0.5,
    limit=4.0,
)
TAPE = replace(LAYERS, subject="tape", subject_error=2.0)


def page(first: list[Any], second: list[Any]) -> str:
    return render(asdict(record) for record in (*first, *second))


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"][2:]


def test_each_side_has_its_largest_error_and_its_share_of_cells() -> None:
    first = [LAYERS, replace(LAYERS, case="wide", subject_error=3.0), replace(LAYERS, case="long", subject_error=0.5)]
    second = [TAPE, replace(TAPE, case="wide", subject_error=0.125), replace(TAPE, case="long")]
    figures = ["3", "3.00", "2.00", "0.500", "67", "33", "33"]
    assert rows(page([RUN, *first], second)) == [["Linear", "dL/dW", *figures], ["**all**", "", *figures]]


def test_a_third_subject_has_columns_of_its_own() -> None:
    other = replace(LAYERS, subject="other", subject_error=0.125)
    assert rows(page([LAYERS], [TAPE, other]))[0][3:] == ["0.250", "2.00", "0.125", "0.500", "0", "0", "100", "0"]


def test_what_only_one_file_holds_is_left_out_and_named() -> None:
    lacking = replace(TAPE, module="Tanh")
    text = page([LAYERS, replace(LAYERS, case="other")], [TAPE, lacking])
    assert [row[0] for row in rows(text)] == ["Linear", "**all**"]
    assert rows(text)[0][2] == "1"
    assert "of tape: Tanh." in text
    assert "of framework" not in text


@pytest.mark.parametrize("other", [{"dtype": "float64"}, {"check": "refuses"}, {"verdict": "unsupported"}])
def test_what_is_no_comparison_with_the_truth_in_low_precision_is_left_out(other: dict[str, str]) -> None:
    more = replace(LAYERS, case="more", **other)  # type: ignore[arg-type]  # words alone
    assert rows(page([LAYERS, more], [TAPE, replace(more, subject="tape")]))[0][2] == "1"


def test_a_torch_that_differs_between_the_files_is_told() -> None:
    assert "differs" not in page([LAYERS], [TAPE])
    assert "In 1 quantity torch.nn itself differs" in page([LAYERS], [replace(TAPE, reference_error=0.625)])


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ([LAYERS], "must be of two subjects or more, are of framework"),
        ([replace(TAPE, seed=8)], "must have a cell in common"),
        ([RUN], "must be of two subjects or more, are of framework"),
    ],
)
def test_files_that_do_not_go_together_are_refused(second: list[Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        page([LAYERS], second)


def test_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, record in zip(files, (LAYERS, TAPE), strict=True):
        write(path, [record])
    out = tmp_path / "new" / "page.md"
    assert main(["three-way", *map(str, files), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("# Each way to every gradient")
    assert main(["three-way", str(files[0]), str(tmp_path / "absent"), "--out", str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
