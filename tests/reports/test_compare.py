"""One run beside another: what changed, by which rules, and how the command ends."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.compare.changes import Kind, changes
from reports.compare.command import compare
from reports.compare.page import MOST_SUMMARY, render, summary
from reports.compare.side import side
from reports.compare.times import FASTER, SLOWER
from reports.record import Parity, Run, write
from tests import started
from tests.perf.test_page import document, finding
from tests.reports.damage import files
from tests.reports.test_parity_page import BAD, GOOD, LACKING, RUN
from tests.reports.test_reports_command import RECORDS
from tests.subjects import tiny_libraries

ROOT = Path(__file__).parents[2]
ENDS = replace(RUN, ends=True)
DX = replace(GOOD, quantity="dx")
FAULT = "self.dW += rows.T @ d", "self.dW += 2 * rows.T @ d"


def put(path: Path, *records: Any, run: Run = ENDS) -> Path:
    write(path, [run, *records])
    return path


def kinds(tmp_path: Path, old: list[Parity], new: list[Parity], **other: Any) -> dict[str, int]:
    """Return how many quantities changed in each way, those without a change left out."""
    paths = put(tmp_path / "old.jsonl", *old), put(tmp_path / "new.jsonl", *new, run=replace(ENDS, **other))
    found = changes(*map(side, paths))
    return {str(kind): found.count(kind) for kind in Kind if found.count(kind)}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ([GOOD, DX], [GOOD, DX], {}),
        ([GOOD, DX], [GOOD, BAD], {"newly wrong": 1}),
        ([GOOD], [GOOD, BAD], {"newly wrong": 1}),
        ([GOOD, LACKING], [GOOD, replace(BAD, module="GRU")], {"newly compared": 0, "newly wrong": 1}),
        ([GOOD, BAD], [GOOD, DX], {"mended": 1}),
        ([GOOD, BAD], [GOOD, replace(BAD, verdict="error")], {}),
        ([GOOD, DX], [GOOD], {"newly missing": 1}),
        ([GOOD, DX], [GOOD, replace(DX, verdict="unsupported")], {"newly missing": 1}),
        ([GOOD, BAD], [GOOD], {"newly missing": 1}),
        ([GOOD], [GOOD, DX], {"newly compared": 1}),
        ([GOOD, LACKING], [GOOD, replace(GOOD, module="GRU")], {"newly compared": 1}),
        ([GOOD, LACKING], [GOOD], {}),
        ([GOOD], [replace(GOOD, verdict="same-route", subject_error=0.0)], {}),
        ([GOOD], [replace(GOOD, elements=0)], {"newly wrong": 1}),
        ([GOOD], [replace(GOOD, subject_error=1.0)], {"drifted towards the limit": 1}),
        ([GOOD], [replace(GOOD, subject_error=0.99)], {}),
        ([replace(GOOD, subject_error=0.1)], [replace(GOOD, subject_error=0.9)], {}),
        ([replace(GOOD, subject_error=float("nan"))], [GOOD], {}),
        ([GOOD, replace(GOOD, seed=1)], [GOOD, replace(GOOD, seed=1, verdict="fail")], {"newly wrong": 1}),
        ([GOOD, replace(GOOD, seed=1)], [replace(GOOD, verdict="fail"), replace(GOOD, seed=1)], {"newly wrong": 1}),
        ([GOOD], [replace(GOOD, subject_error=3.0), replace(GOOD, seed=1)], {"drifted towards the limit": 1}),
        ([GOOD, replace(BAD, quantity="dweight", seed=1)], [GOOD], {"mended": 1}),
    ],
)
def test_a_quantity_changes_in_one_way(
    tmp_path: Path, old: list[Parity], new: list[Parity], wanted: dict[str, int]
) -> None:
    assert kinds(tmp_path, old, new) == {kind: count for kind, count in wanted.items() if count}


@pytest.mark.parametrize(
    ("changed", "fail_on", "status"),
    [
        ({}, (), 1),
        ({}, ("numbers", "behaviour"), 1),
        ({"aspect": "conventions"}, ("numbers", "behaviour"), 0),
        ({"aspect": "conventions"}, ("conventions",), 1),
        ({"check": "accumulates", "aspect": "behaviour"}, ("numbers",), 0),
        ({"verdict": "void"}, ("numbers",), 1),
    ],
)
def test_the_exit_status_is_that_of_what_fails_a_run(
    tmp_path: Path, changed: dict[str, Any], fail_on: tuple[str, ...], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = replace(BAD, **{"aspect": "numbers"} | changed)
    old = put(tmp_path / "old.jsonl", GOOD, replace(wrong, verdict="pass"))
    new = put(tmp_path / "new.jsonl", GOOD, wrong, run=replace(ENDS, fail_on=fail_on))
    page = tmp_path / "page.md"
    assert main(["compare", str(old), str(new), "--page", str(page)]) == status
    said = capsys.readouterr().out
    assert "1 newly wrong, 0 mended" in said
    assert ("which fails no run" in said) == (status == 0)
    opening = page.read_text(encoding="utf-8").splitlines()[2]
    assert opening == ("**✗ 1 quantity newly wrong.**" if status else "**✓ Nothing is newly wrong that fails a run.**")
    assert main(["compare", str(new), str(old), "--page", str(page)]) == 0
    assert main(["compare", str(new), str(new), "--page", str(page)]) == 0


def test_what_is_newly_missing_is_said_first(tmp_path: Path) -> None:
    old, new = put(tmp_path / "old.jsonl", GOOD, DX), put(tmp_path / "new.jsonl", GOOD)
    assert render(compare(old, new)).splitlines()[2] == "**✓ Nothing is newly wrong; 1 quantity newly missing.**"
    assert render(compare(new, new)).splitlines()[2] == "**✓ Nothing is newly wrong.**"


def test_changes_are_told_by_module_and_by_cause(tmp_path: Path) -> None:
    bad = [replace(BAD, case=f"case {n}", diagnosis=f"it is {n}.5 times too large") for n in range(3)]
    other = replace(BAD, module="Linear", diagnosis="it is transposed")
    old = put(tmp_path / "old.jsonl", GOOD)
    new = put(tmp_path / "new.jsonl", GOOD, *bad, other)
    said = [[cell.strip() for cell in row.split("|")] for row in render(compare(old, new)).splitlines()]
    rows = [cells[1:6] for cells in said if len(cells) > 6 and "dx" in cells]
    assert rows == [
        ["Conv2d", "dx", "it is 0.5 times too large", "numbers", "3"],
        ["Linear", "dx", "it is transposed", "numbers", "1"],
    ]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"seed": 9}, "Another seed"),
        ({"suite": "another"}, "Another commit of the suite"),
        ({"versions": {"torch": "3.0"}}, "Another version of torch"),
        ({"machine": {"cores": "3"}}, "Another machine"),
        ({"narrowed_by": ("-k",)}, "is a part"),
    ],
)
def test_what_else_may_have_changed_is_said(tmp_path: Path, other: dict[str, Any], words: str) -> None:
    old, new = put(tmp_path / "old.jsonl", GOOD), put(tmp_path / "new.jsonl", GOOD, run=replace(ENDS, **other))
    assert words in render(compare(old, new))
    assert words not in render(compare(old, old))


def timed(path: Path, *rows: dict[str, Any], **run: Any) -> Path:
    made = document(list(rows))
    made["gradparity"]["run"] |= run
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after", "how"), [(1.0, 1.2, SLOWER), (1.2, 1.0, FASTER), (1.0, 1.06, ""), (1.06, 1.0, ""), (1, 1, "")]
)
def test_a_row_is_slower_where_its_interval_and_the_margin_prove_it(
    tmp_path: Path, before: float, after: float, how: str
) -> None:
    old = timed(tmp_path / "old.json", finding(ratio=before), finding(module="Tanh"))
    new = timed(tmp_path / "new.json", finding(ratio=after), finding(module="ELU"))
    compared = compare(old, new)
    assert compared.times is not None
    assert [one.how for one in compared.times.moved] == ([how] if how else [])
    assert (compared.times.level, compared.times.apart) == (0 if how else 1, 2)
    assert [word for word in (SLOWER, FASTER) if f"## {word.capitalize()}" in render(compared)] == (
        [how] if how else []
    )


def test_times_of_two_machines_are_not_compared(tmp_path: Path) -> None:
    old = timed(tmp_path / "old.json", finding(ratio=1.0))
    new = timed(tmp_path / "new.json", finding(ratio=9.0), machine={"processor": "another"})
    assert "not compared: the times were measured on two machines" in render(compare(old, new))


def test_folders_of_runs_are_compared_by_all_that_both_hold(tmp_path: Path) -> None:
    for name in ("old", "new"):
        put(tmp_path / name / "parity.jsonl", GOOD)
    timed(tmp_path / "old" / "perf.json", finding())
    assert compare(tmp_path / "old", tmp_path / "new").times is None
    timed(tmp_path / "new" / "perf.json", finding())
    both = compare(tmp_path / "old", tmp_path / "new")
    assert both.times
    assert both.changes


def test_the_summary_is_appended_and_short(tmp_path: Path) -> None:
    wrong = [replace(BAD, module=f"M{n}", diagnosis=f"{'long ' * 200}{chr(97 + n)}") for n in range(26)]
    old, new = put(tmp_path / "old.jsonl", GOOD), put(tmp_path / "new.jsonl", GOOD, *wrong)
    assert len(summary(compare(old, new)).encode()) <= MOST_SUMMARY
    file = tmp_path / "deep" / "summary.md"
    for _ in range(2):
        words = ["compare", str(old), str(new), "--page", str(tmp_path / "page.md"), "--summary", str(file)]
        assert main(words) == 1
    assert file.read_text(encoding="utf-8").count("## From ") == 2


def harmed(tmp_path: Path, what: str) -> Path:
    """Return a path at which no finished run of the subject lies."""
    path = tmp_path / "harmed.jsonl"
    put(path, GOOD, DX)
    text = path.read_bytes()
    if what == "absent":
        return tmp_path / "absent"
    if what == "no folder of a run":
        return Path(files(tmp_path / "others")[1].rename(tmp_path / "papers.jsonl")).parent
    if what == "stopped":
        put(path, GOOD, run=replace(ENDS, complete=False))
    elif what == "another subject":
        put(path, replace(GOOD, subject="x"), run=replace(ENDS, subject="x"))
    elif what == "another quantity":
        put(path, DX)
    elif what == "papers":
        return files(tmp_path / "others")[1]
    elif what == "times":
        return timed(tmp_path / "perf.json", finding())
    else:
        harms = {
            "empty": b"",
            "cut": text[:-30],
            "edited": text.replace(b'"pass"', b'"fail"', 1),
            "no record": text + b"nonsense\n",
            "wrong": text.replace(b'"elements": 54', b'"elements": "x"'),
            "no text": b"\xff\xfe\x00",
        }
        path.write_bytes(harms[what])
    return path


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("absent", "there is no file and no folder"),
        ("no folder of a run", "it is no folder of a run"),
        ("empty", "is empty"),
        ("cut", "the run was not finished"),
        ("edited", "was changed after it was written"),
        ("stopped", "the run was stopped before its end"),
        ("no record", "not a record"),
        ("wrong", "record 2 of kind parity: elements must be of type int"),
        ("no text", "not a record"),
        ("another subject", "is of framework, "),
        ("another quantity", "no compared quantity in common"),
        ("papers", "holds no record of a compared quantity"),
        ("times", "hold no records of the same kind"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_what_is_no_finished_run_of_the_subject_is_told_in_one_sentence(
    tmp_path: Path, what: str, words: str, swapped: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = [str(put(tmp_path / "good.jsonl", GOOD)), str(harmed(tmp_path, what))]
    page = tmp_path / "page.md"
    assert main(["compare", *(reversed(pair) if swapped else pair), "--page", str(page)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert words in said or (swapped and what == "another subject" and "is of x, " in said)
    assert not page.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grown", "1"], "must be a number above 1, was '1'"),
        (["--grown", "nan"], "must be a number above 1, was 'nan'"),
        (["--pgae", "x"], "there is no option --pgae; did you mean --page?"),
        (["--page", "{folder}"], "Is a directory"),
    ],
)
def test_a_word_that_means_nothing_ends_in_one_line(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(put(tmp_path / "good.jsonl", GOOD))
    assert main(["compare", path, path, *(word.format(folder=tmp_path) for word in words)]) == 2
    assert said in capsys.readouterr().err


def test_it_needs_neither_torch_nor_numpy(tmp_path: Path) -> None:
    write(tmp_path / "parity.jsonl", RECORDS)
    program = (
        "import sys; from parity.__main__ import main; assert not main(['compare', sys.argv[1], sys.argv[1]]); "
        "assert not {'torch', 'numpy', 'framework', 'perf'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    where = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_fault_that_is_planted_in_a_library_is_newly_wrong_and_mended_again(tmp_path: Path) -> None:
    library, adapter = tmp_path / "tinynp.py", tmp_path / "adapter.py"
    adapter.write_text(tiny_libraries.TINYNP_ADAPTER, encoding="utf-8")
    words = ["--subject", adapter, "--module", "Linear", "--check", "values", "--case", "plain", "-n", "0"]
    for name, source in (("old", tiny_libraries.TINYNP), ("new", tiny_libraries.TINYNP.replace(*FAULT))):
        library.write_text(source, encoding="utf-8")
        command = ["-m", "parity", "parity", *words, "-q", "-p", "no:cacheprovider", "--out", tmp_path / name]
        assert started.run(command).returncode == (name == "new")
    compared = compare(tmp_path / "old", tmp_path / "new")
    assert compared.changes
    assert {(one.kind, one.module, one.what, one.cause) for one in compared.changes.groups} == {
        (Kind.WRONG, "Linear", "dweight", "it is 2 times too large or it is as if x were 2 x"),
    }
    back = compare(tmp_path / "new", tmp_path / "old").changes
    assert back
    assert {one.kind for one in back.groups} == {Kind.MENDED}
