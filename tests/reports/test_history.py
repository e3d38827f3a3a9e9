"""Runs over the commits: which count as points, what is drawn of them, and what is left out."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.collections import LineCollection

from parity.__main__ import main
from reports.history.figures import CHARTS, NAMED, lines
from reports.history.page import stems
from reports.history.points import ERRORS, FAILURES, RATIOS, TimeSeries, all_series, values
from reports.record import Run, write
from tests.perf.test_page import document, finding
from tests.reports.test_parity_page import BAD, GOOD, LACKING, RUN


def at(day: int, **other: Any) -> Run:
    return replace(RUN, ends=True, commit=f"commit{day}", started=f"2026-01-{day:02}T00:00:00Z", **other)


def put(folder: Path, run: Run, *records: Any) -> Path:
    write(folder / "parity.jsonl", [run, *records])
    return folder


def timed(folder: Path, run: Run, *rows: dict[str, Any]) -> None:
    made = document(list(rows))
    made["gradparity"]["run"] |= json.loads(json.dumps({**vars(run), "machine": dict(run.machine)}))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "perf.json").write_text(json.dumps(made), encoding="utf-8")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three commits: Conv2d is wrong in the second, and Linear comes with the third."""
    put(tmp_path / "runs" / "c", at(3), GOOD, replace(GOOD, module="Linear", subject_error=3.0))
    put(tmp_path / "runs" / "a", at(1), GOOD, LACKING)
    put(tmp_path / "runs" / "deep" / "b", at(2), GOOD, BAD, replace(BAD, case="x", aspect="conventions"))
    timed(tmp_path / "runs" / "c", at(3), finding(ratio=1.0), finding(ratio=4.0), finding(ratio=2.0, case="z"))
    return tmp_path / "runs"


def test_a_run_is_a_point_with_the_failures_errors_and_ratios_of_its_modules(runs: Path) -> None:
    ((series,), left_out) = all_series(runs)
    assert left_out == []
    checked = series.with_(FAILURES)
    assert [point.label for point in checked] == ["commit1", "commit2", "commit3"]
    assert values(checked, FAILURES, "Conv2d") == [0, 1, 0]
    assert values(checked, ERRORS, "Conv2d") == [0.5, 812.0, 0.5]
    assert [math.isnan(value) for value in values(checked, ERRORS, "Linear")] == [True, True, False]
    assert [point.of[RATIOS] for point in series.with_(RATIOS)] == [{"ReLU": 2.0}]
    assert {point.limit for point in checked} == {4.0}


def test_of_a_commit_the_last_run_stands(runs: Path) -> None:
    put(runs / "again", replace(at(2), started="2026-01-09T00:00:00Z"), GOOD)
    put(runs / "before", replace(at(1), started="2025-01-09T00:00:00Z"), BAD)
    ((series,), _) = all_series(runs)
    assert [point.label for point in series.with_(FAILURES)] == ["commit1", "commit3", "commit2"]
    assert values(series.with_(FAILURES), FAILURES, "Conv2d") == [0, 0, 0]


def test_subjects_and_machines_are_kept_apart_and_versions_of_a_system_are_not(runs: Path) -> None:
    put(runs / "d", at(4, machine={"cores": "2", "system": "Linux 7"}), GOOD)
    put(runs / "e", at(5, machine={"cores": "3"}), GOOD)
    put(runs / "f", at(6, subject="other"), replace(GOOD, subject="other"))
    found, _ = all_series(runs)
    assert [(series.subject, len(series.with_(FAILURES))) for series in found] == [
        ("framework", 4),
        ("framework", 1),
        ("other", 1),
    ]
    assert len(set(stems(found))) == 3


def test_parts_and_files_that_are_no_finished_runs_are_left_out_and_told(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(runs / "part", at(7, narrowed_by=("--case",)), GOOD)
    put(runs / "stopped", at(8, complete=False), GOOD)
    for name, content in (("empty", b""), ("foreign", b"[]\n")):
        (runs / name).mkdir()
        (runs / name / "parity.jsonl").write_bytes(content)
    (runs / "foreign" / "perf.json").write_text("{}", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["report", "--history", str(runs), "--out", str(out)]) == 0
    assert "report: 5 files left out, the first: " in capsys.readouterr().err
    page = (out / "history.md").read_text(encoding="utf-8")
    for words in ("it is of a part of a run", "the run was not finished", "is empty", "not a record", "timing harness"):
        assert words in page
    assert "commit7" not in page
    assert main(["report", "--history", str(runs), "--out", str(out), "--parts"]) == 0
    assert "commit7" in (out / "history.md").read_text(encoding="utf-8")


def test_the_page_shows_every_run_and_links_its_figures(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = sorted(path for path in runs.rglob("*"))
    assert main(["report", "--history", str(runs), "--out", str(out)]) == 0
    page = (out / "history.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[2:6]] for line in page.splitlines() if line.startswith("|")]
    assert rows[2:5] == [
        ["commit1", "1", "0", "0.500 (Conv2d)"],
        ["commit2", "1", "1", "812 (Conv2d)"],
        ["commit3", "2", "0", "3.00 (Linear)"],
    ]
    for what in (FAILURES, ERRORS, RATIOS):
        assert f"(history/framework-{what}.svg)" in page
        assert (out / "history" / f"framework-{what}.svg").stat().st_size > 1000
    first = (out / "history" / "framework-errors.svg").read_bytes()
    assert main(["report", "--history", str(runs), "--out", str(out)]) == 0
    assert (out / "history" / "framework-errors.svg").read_bytes() == first
    assert sorted(path for path in runs.rglob("*")) == before


def test_there_is_a_line_a_module_and_names_for_those_that_matter(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        many = [replace(GOOD, module=f"M{n:02}", subject_error=1 + n * day) for n in range(20)]
        put(tmp_path / str(day), at(day), *many)
    ((series,), _) = all_series(tmp_path)
    canvas = lines(CHARTS[1], series.points)
    (axes,) = canvas.axes
    assert not any(isinstance(one, LineCollection) for one in axes.collections)
    drawn = [line for line in axes.get_lines() if len(line.get_xdata()) == 3]  # type: ignore[arg-type]
    assert len(drawn) == 20
    (legend,) = canvas.legends
    assert [text.get_text() for text in legend.get_texts()] == [*(f"M{19 - n}" for n in range(NAMED)), "13 others"]
    of_first = next(line for line in drawn if line.get_label() == "M19")
    assert list(of_first.get_ydata()) == [20, 39, 58]  # type: ignore[arg-type]


def test_a_track_of_one_run_is_drawn_too(tmp_path: Path) -> None:
    put(tmp_path / "runs" / "a", at(1), replace(GOOD, subject_error=0.0))
    assert main(["report", "--history", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--history", "{tmp}/absent"], "there is no folder"),
        (["--history", "{tmp}"], "holds no whole run, neither in parity.jsonl nor in perf.json"),
        (["--history", "{part}"], "of 1 left out the first: "),
        (["--parts"], "--parts goes with --history"),
        (["--histroy", "{tmp}"], "did you mean --history?"),
    ],
)
def test_words_that_name_no_runs_end_in_one_line(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    put(tmp_path / "part", at(1, narrowed_by=("--case",)), GOOD)
    asked = [word.format(tmp=tmp_path / "empty", part=tmp_path / "part") for word in words]
    asked = [word.replace("empty/absent", "absent") for word in asked]
    assert main(["report", *asked, "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


def test_names_make_no_markup_and_no_paths(tmp_path: Path) -> None:
    name = "../<b>|x`"
    put(tmp_path / "runs", at(1, subject=name), replace(GOOD, subject=name, module="<script>|`"))
    assert main(["report", "--history", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "history.md").read_text(encoding="utf-8")
    assert "\\<b>" in page
    assert "<script>" not in page.replace("\\<script>", "")
    assert stems([TimeSeries(name, ""), TimeSeries("", "")]) == ["b-x", "subject"]
