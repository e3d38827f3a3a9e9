import json
import math
from pathlib import Path

import pytest

from reports.lines import read
from reports.record import Parity, number, write

MEASURED = Parity(
    subject="s",
    module="ReLU",
    case="c",
    check="values",
    quantity="dx",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=0,
    verdict="fail",
    worst_index=(1, 0),
)


def test_numbers_that_json_lacks_come_back(tmp_path: Path) -> None:
    path = tmp_path / "parity.jsonl"
    write(path, [Parity(**{**vars(MEASURED), "subject_error": math.inf, "limit": -math.inf})])
    json.loads(path.read_text().splitlines()[0], parse_constant=pytest.fail)  # no bare NaN or Infinity in the file
    (record,) = read(path)
    assert number(record["subject_error"]) == math.inf
    assert number(record["limit"]) == -math.inf
    assert math.isnan(number(record["max_abs_diff"]))


@pytest.mark.parametrize("detail", ["two\nlines", "line separator \u2028", "next line \x85", "µ – ∂"])
def test_a_record_stays_on_its_line(tmp_path: Path, detail: str) -> None:
    write(tmp_path / "r.jsonl", [Parity(**{**vars(MEASURED), "detail": detail}), MEASURED])
    assert [record["detail"] for record in read(tmp_path / "r.jsonl")] == [detail, ""]


def test_empty_file_holds_no_records(tmp_path: Path) -> None:
    write(tmp_path / "r.jsonl", [])
    assert list(read(tmp_path / "r.jsonl")) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [('{"kind": "run", "sch', "not a record"), ("[1]", "not a record"), ('{"kind": "run", "schema": 99}', "schema 99")],
)
def test_line_that_is_no_record_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "r.jsonl"
    write(path, [MEASURED])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=f"line 3: .*{message}"):
        list(read(path))


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write(path, [MEASURED])
    with pytest.raises(TypeError):
        write(path, [MEASURED, object()])
    assert len(list(read(path))) == 1
