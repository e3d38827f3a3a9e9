"""The command lines, in processes of their own, on rows of a few microseconds."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.started import HANGS, heeding

HERE = Path(__file__).parent
TINY = ["--module", "Sigmoid", "-k", "paper-004-tiny-forward-cpu", "--compile-seconds", "0", "--seconds", "1"]
NEEDED = (
    "module case mode device threads ratio low high rebuilds verdict subject_seconds reference_seconds "
    "subject_saved_bytes reference_saved_bytes subject_peak_bytes reference_peak_bytes"
).split()


def pytest_perf(out: Path, *words: str, altered: str = "") -> subprocess.CompletedProcess[str]:
    subject = ["--subject", str(HERE / "subjects.py")] if altered else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "perf",
        "-p",
        "no:cacheprovider",
        "--out",
        str(out),
        *TINY,
        *subject,
        *words,
    ]
    where = os.environ | {"ALTERED": altered, "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=where, cwd=HERE.parents[1])


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Two runs with the stock command line of pytest-benchmark: the first saved, the second compared with it."""
    out = tmp_path_factory.mktemp("stock")
    storage = ["--benchmark-autosave", "--benchmark-storage", str(out / "saved")]
    first = pytest_perf(out, *storage)
    assert first.returncode == 0, first.stdout + first.stderr
    more = [
        "--benchmark-compare",
        "--benchmark-histogram",
        str(out / "histogram" / "of"),
        "--benchmark-columns=median,ops",
    ]
    return out, pytest_perf(out, *storage, *more, "--benchmark-json", str(out / "own.json"))


def test_the_stock_command_line_works(stock: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, done = stock
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((out / "saved").rglob("*.json"))) == 2
    assert "Comparing against benchmarks from" in done.stdout + done.stderr
    assert "(0001_" in done.stdout
    assert list((out / "histogram").glob("*.svg"))


def test_both_sides_are_benchmarks_of_one_group_with_every_field(
    stock: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    document = json.loads((stock[0] / "own.json").read_text(encoding="utf-8"))
    sides = {bench["extra_info"]["role"]: bench for bench in document["benchmarks"]}
    assert sides.keys() == {"subject", "torch"}
    assert len({bench["group"] for bench in sides.values()}) == 1
    for side, field in (("subject", "subject_seconds"), ("torch", "reference_seconds")):
        told = sides[side]["extra_info"]
        assert not [name for name in NEEDED if told.get(name) is None]
        assert sides[side]["stats"]["median"] == pytest.approx(told[field], rel=1e-6)
    told = sides["subject"]["extra_info"]
    assert 0 < told["low"] <= told["ratio"] <= told["high"]
    assert told["rebuilds"] >= 6
    assert document["gradparity"]["ceilings"]["cpu"]["flops_per_second"] > 0


def test_page_and_figure_are_written_and_can_be_rendered_again(
    stock: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out = stock[0]
    written = (out / "perf.md").read_text(encoding="utf-8")
    assert "paper-004-tiny" in written
    assert (out / "figures" / "perf.svg").is_file()
    (out / "perf.md").unlink()
    command = [sys.executable, "-m", "parity", "report", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])
    assert done.returncode == 0, done.stderr
    assert (out / "perf.md").read_text(encoding="utf-8") == written


def test_a_wrong_subject_has_no_time_and_a_red_run(tmp_path: Path) -> None:
    done = pytest_perf(tmp_path, altered="wrong")
    assert done.returncode == 1
    assert "VOID" in done.stdout
    assert "1 of 1 rows: 0 FASTER, 0 LEVEL, 0 SLOWER, 0 UNCLEAR, 1 VOID" in done.stdout


def test_a_slow_subject_is_red_under_a_gate_after_a_fresh_process_agreed(tmp_path: Path) -> None:
    done = pytest_perf(tmp_path, "--gate", "1.5", altered="slow")
    assert done.returncode == 1, done.stdout
    assert "SLOWER" in done.stdout
    assert "in a fresh process" in done.stdout


def test_a_slow_subject_is_only_reported_without_a_gate(tmp_path: Path) -> None:
    done = pytest_perf(tmp_path, altered="slow")
    assert done.returncode == 0, done.stdout
    assert "1 SLOWER" in done.stdout


def test_what_a_subject_lacks_is_counted_and_neither_passed_nor_failed(tmp_path: Path) -> None:
    done = pytest_perf(tmp_path, altered="empty")
    assert done.returncode == 0, done.stdout
    assert "1 UNSUPPORTED" in done.stdout
    assert "2 skipped" in done.stdout


def test_a_bad_gate_is_one_line(tmp_path: Path) -> None:
    done = pytest_perf(tmp_path, "--gate", "0.5")
    assert done.returncode == 4
    assert "--gate must be at least 1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["bench-compare", "no-such-revision"],
            "bench-compare: BASE must be a commit, branch or tag; git does not know",
        ),
        (["bench-compare"], "bench-compare: BASE must name a commit"),
        (["bench-compare", "HEAD", "--gate", "0.5"], "bench-compare: --gate must be at least 1"),
        (["bench-row", "no-such-row", "--gate", "1.5"], "bench-row: there is no row 'no-such-row'"),
        (["bench-selftest", "--comparisons", "0"], "bench-selftest: argument --comparisons: must be a whole number"),
    ],
)
def test_bad_arguments_end_in_one_line(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "parity", *words], capture_output=True, text=True, check=False, cwd=HERE.parents[1]
    )
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def stopped(out: Path, stop: signal.Signals) -> tuple[int, str]:
    """Send a signal to a quick run while its third row is being timed; return its status and what it said."""
    command = [
        sys.executable,
        "-u",
        "-m",
        "pytest",
        "perf",
        "-v",
        "-p",
        "no:cacheprovider",
        "--quick",
        "--out",
        str(out),
    ]
    where = os.environ | {"PYTEST_ADDOPTS": ""}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=where, cwd=HERE.parents[1], preexec_fn=heeding
    )
    assert running.stdout is not None
    passed = 0
    while passed < 3:  # both sides of the first row, and one of the second
        line = running.stdout.readline()
        assert line, "the run ended before it could be stopped"
        passed += "PASSED" in line
    running.send_signal(stop)
    said = running.communicate(timeout=HANGS)[0]
    return running.returncode, said


def test_an_interruption_keeps_the_rows_that_are_finished(tmp_path: Path) -> None:
    status, said = stopped(tmp_path, signal.SIGINT)
    assert status == 2, said
    assert " of 84 rows: " in said
    assert "**INCOMPLETE**" in (tmp_path / "perf.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "perf.json").read_text(encoding="utf-8"))["benchmarks"]


def test_a_killed_run_keeps_its_rows_and_loses_nothing_of_the_run_before(tmp_path: Path) -> None:
    assert pytest_perf(tmp_path).returncode == 0
    before = (tmp_path / "perf.json").read_bytes(), (tmp_path / "perf.md").read_bytes()
    status, _ = stopped(tmp_path, signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert ((tmp_path / "perf.json").read_bytes(), (tmp_path / "perf.md").read_bytes()) == before
    _, killed = sorted((tmp_path / "runs" / "framework").iterdir(), key=lambda own: own.stat().st_mtime)
    assert "**INCOMPLETE**: 0 of 84 rows" in (killed / "perf.md").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "parity", "report", "--out", str(killed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])
    assert done.returncode == 1
    assert "INCOMPLETE: 2 of 84 rows were measured" in done.stderr
    assert "paper-004-tiny" not in (killed / "perf.md").read_text(encoding="utf-8")


def test_a_run_of_no_row_leaves_the_run_before(tmp_path: Path) -> None:
    assert pytest_perf(tmp_path).returncode == 0
    before = (tmp_path / "perf.json").read_bytes()
    assert pytest_perf(tmp_path, "-k", "no-such-row").returncode == 5
    assert pytest_perf(tmp_path, "--collect-only").returncode == 0
    assert (tmp_path / "perf.json").read_bytes() == before
