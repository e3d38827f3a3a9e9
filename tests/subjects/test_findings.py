"""The light examples show what is recorded of them, and another finding is told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from examples import findings, scoreboard
from parity.__main__ import main
from parity.verdict.compare import compare
from parity.verdict.gauge import Gauge
from reports.parity.looks import NOT_SOUGHT
from tests import started
from tests.subjects.test_documents import lines

ROOT = Path(__file__).parents[2]
MOST_LINES = 60
ENTRY = {"distribution": "", "version": "", "modules": {"Tanh": "wrong"}}
RECORDED = json.loads(findings.RECORDED.read_text(encoding="utf-8"))


def test_the_light_examples_show_what_is_recorded(tmp_path: Path) -> None:
    ended = started.run(["-m", "parity", "findings", "numpy_mlp", "custom_function", "--out", tmp_path])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "as recorded" in (tmp_path / "findings.md").read_text(encoding="utf-8")
    assert "2 adapters run, 0 other than recorded" in ended.stdout
    lines = (tmp_path / "custom_function" / "parity.jsonl").read_text(encoding="utf-8").splitlines()
    failed = [record for record in map(json.loads, lines) if record.get("verdict") == "fail"]
    assert failed
    assert {record["diagnosis"] for record in failed} == {NOT_SOUGHT}


def test_every_adapter_has_its_entry() -> None:
    assert set(RECORDED) == set(findings.adapters()) == {path.stem for path in findings.FOLDER.rglob("*.py")}


def test_every_entry_is_of_a_run() -> None:
    assert [name for name, entry in RECORDED.items() if not (entry["day"] and entry["values"])] == []


def test_every_module_has_one_of_the_words() -> None:
    assert {word for entry in RECORDED.values() for word in entry["modules"].values()} <= set(scoreboard.WORDS)


def test_the_adapters_are_short() -> None:
    code = {name: lines(path.read_text(encoding="utf-8")) for name, path in findings.adapters().items()}
    assert {name: count for name, count in code.items() if count > MOST_LINES} == {}


def test_the_scoreboard_is_that_of_the_records() -> None:
    assert findings.SCOREBOARD.read_text(encoding="utf-8") == scoreboard.page(RECORDED)


def test_the_page_says_the_word_of_a_module() -> None:
    entry = {"modules": {"Tanh": "wrong", "ReLU": "right", "Softmax": "stops"}}
    assert [scoreboard.shown(entry, module) for module in ("Tanh", "ReLU", "Softmax", "Linear")] == [
        "**wrong**",
        "right",
        "stops",
        "",
    ]


def test_the_adapters_of_a_library_are_one_column() -> None:
    of = {"distribution": "mylib", "version": "1"}
    entries = {"a": of | {"modules": {"Tanh": "right"}}, "b": of | {"modules": {"ReLU": "stops"}}, "ours": ENTRY}
    (library,) = scoreboard.libraries(entries)
    assert library == of | {"adapters": ["a", "b"], "modules": {"Tanh": "right", "ReLU": "stops"}}
    with pytest.raises(ValueError, match="a and b both offer Tanh"):
        scoreboard.libraries(entries | {"b": entries["a"]})


def judged(module: str, verdict: str, detail: str = "", aspect: str = "numbers", check: str = "values") -> Any:
    cell = {"case": "plain", "device": "cpu", "dtype": "float64", "regime": "normal", "cotangent": 1.0, "seed": 0}
    of = {"module": module, "check": check, "quantity": "dx", "verdict": verdict, "detail": detail, "aspect": aspect}
    return cell | of


@pytest.mark.parametrize(
    ("records", "word"),
    [
        ([("pass",), ("same-route",), ("unsupported",)], "right"),
        ([("pass",), ("fail", "must be nan", "conventions")], "convention"),
        ([("fail", "dtype must be float32, was float64; its numbers are right"), ("pass",)], "dtype"),
        ([("fail", "dtype must be float32, was float64; and 3 of 9 elements are wrong, the worst at 0")], "wrong"),
        ([("error", "ValueError: no such option"), ("fail", "", "conventions"), ("pass",)], "stops"),
        ([("error", "ValueError: no such option"), ("fail", "shape must be (2,), was (3,)")], "wrong"),
        ([("fail", "the subject gives none"), ("pass",)], "wrong"),
    ],
)
def test_the_gravest_that_holds_of_a_module_is_its_word(records: list[tuple[str, ...]], word: str) -> None:
    assert scoreboard.words(judged("Tanh", *record) for record in records) == {"Tanh": word}
    assert scoreboard.words(judged("Tanh", *record) for record in reversed(records)) == {"Tanh": word}


def test_a_module_of_which_nothing_was_compared_has_no_word() -> None:
    assert scoreboard.words([judged("Tanh", "unsupported"), judged("ReLU", "void")]) == {}


def test_the_words_of_a_dtype_alone_are_those_of_the_verdict() -> None:
    truth = torch.ones(3, dtype=torch.float64)
    size = Gauge(truth)
    found = compare(truth, truth.float(), truth, size, 1e-7)
    assert scoreboard.said(judged("Tanh", found.verdict, found.detail)) == "dtype"
    other = compare(truth * 2, truth.float(), truth, size, 1e-7)
    assert scoreboard.said(judged("Tanh", other.verdict, other.detail)) == "wrong"


def test_a_library_that_is_not_installed_is_left_out_and_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"distribution": "no-such-library", "version": "1", "options": [], "findings": []}
    monkeypatch.setattr(findings, "recorded", lambda: {"absent": entry})
    assert main(["findings", "--out", str(tmp_path)]) == 0
    assert "1 adapter not run, whose libraries are not installed: absent" in capsys.readouterr().out
    assert main(["findings", "absent", "--out", str(tmp_path)]) == 2
    assert "no-such-library is not" in capsys.readouterr().err


def test_pages_run_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", "--pages", "numpy_mlp"]) == 2
    assert "--pages runs nothing" in capsys.readouterr().err


def test_ours_is_right_and_the_planted_mistake_is_found() -> None:
    assert RECORDED["numpy_mlp"]["findings"] == []
    assert "LeakyReLU values dx" in RECORDED["custom_function"]["findings"]


def test_what_is_new_and_what_is_gone_is_told() -> None:
    assert findings.against(["a", "b"], ["b", "c"]) == "new: a; gone: c"
    assert findings.against(["a"], ["a"]) == ""


def test_another_version_is_told() -> None:
    entry = {"distribution": "numpy", "version": "0.1", "findings": []}
    assert "recorded with 0.1" in findings.differs(entry, [])
    assert findings.differs({"distribution": "", "version": "", "findings": []}, []) == ""


def test_only_what_is_wrong_is_a_finding() -> None:
    records = [
        {"module": "Tanh", "check": "values", "quantity": quantity, "verdict": verdict}
        for quantity, verdict in (("dx", "fail"), ("dx", "error"), ("output", "pass"), ("all", "unsupported"))
    ]
    assert findings.findings(records) == ["Tanh values dx"]


def test_the_counts_of_the_document_are_those_recorded() -> None:
    page = findings.PAGE.read_text(encoding="utf-8")
    assert findings.counted_in(page, RECORDED) == page


def test_values_are_counted_and_other_checks_are_not() -> None:
    records = [
        judged("Tanh", "pass"),
        judged("Tanh", "fail"),
        judged("ReLU", "same-route"),
        judged("ReLU", "fail", aspect="conventions"),
        judged("ReLU", "unsupported"),
        judged("ReLU", "fail", aspect="behaviour", check="batches"),
        judged("ELU", "fail", "dtype must be float32, was float64; its numbers are right"),
    ]
    counted = {"values": 5, "wrong values": 1, "dtype values": 1, "stopped cases": 0}
    counted |= {"modules": {"ELU": "dtype", "ReLU": "convention", "Tanh": "wrong"}}
    assert findings.counts(records) == {"day": findings.counts(records)["day"], **counted}


def test_a_case_that_stops_is_counted_once_and_compares_nothing() -> None:
    stopped = [judged("Tanh", "error", "ValueError") | {"quantity": quantity} for quantity in ("dx", "dweight")]
    found = findings.counts([*stopped, judged("Tanh", "error") | {"case": "other"}, judged("Tanh", "pass")])
    assert (found["values"], found["wrong values"], found["stopped cases"]) == (1, 0, 2)


def test_a_name_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", "nobody"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_every_test_that_the_document_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "docs" / "findings.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).is_file()] == []
