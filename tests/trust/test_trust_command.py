"""The trust command as its user meets it: exit status, words, records."""

import json
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from parity.trust.cells import sampled
from parity.trust.work import PARTS, parts
from tests import started

ROOT = Path(__file__).parents[2]
COMMAND = ["-m", "parity", "trust", "--jobs", "1"]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return started.run([*COMMAND, *options])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--seed", "-1"), "must be a whole number of at least 0"),
        (("--jobs", "none"), "must be a whole number of at least 1"),
        (("--only", "nonsense"), "--only must begin a part's name, was 'nonsense'"),
    ],
)
def test_an_option_that_names_nothing_ends_in_one_line(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = run("--out", str(tmp_path), *options)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_a_part_alone_is_recorded_and_not_taken_for_the_whole(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path), "--only", "mutants Flatten")
    assert done.returncode == 1
    assert "no null was run" in done.stderr
    head, *records = [json.loads(line) for line in (tmp_path / "trust.jsonl").read_text("utf-8").splitlines()]
    assert head["kind"] == "run"
    assert head["complete"] is True
    assert {record["module"] for record in records if record["kind"] == "mutant"} == {"Flatten"}
    assert "**NOT TRUSTED**" in (tmp_path / "trust.md").read_text("utf-8")


def test_an_interrupted_run_keeps_what_was_finished(tmp_path: Path) -> None:
    command = [sys.executable, *COMMAND, "--full", "--out", str(tmp_path), "--only", "false alarms"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=started.heeding
    )
    path, end = tmp_path / "trust.jsonl", time.monotonic() + started.HANGS
    while not (path.is_file() and path.read_bytes().count(b"\n") > 1) and time.monotonic() < end:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    (line,) = process.communicate(timeout=started.HANGS)[1].splitlines()
    assert process.returncode == 130
    assert line.startswith("trust: interrupted; ")
    head, *records = [json.loads(line) for line in (tmp_path / "trust.jsonl").read_text("utf-8").splitlines()]
    assert head["complete"] is False
    assert "parts, because the run was interrupted" in head["not_run"][-1]
    assert any(record["kind"] == "false-alarm" for record in records)
    assert "INCOMPLETE" in (tmp_path / "trust.md").read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {"trust.jsonl", "trust.md", "index.html", "runs"}


def test_every_kind_of_part_is_in_a_run_and_a_full_one_has_more() -> None:
    sample, full = (parts(["Linear", "Tanh"], whole, 0, steppers=["SGD", "Adam"]) for whole in (False, True))
    assert {part.what for part in sample} == {part.what for part in full} == PARTS.keys()
    assert len(full) > len(sample)


def test_a_sample_of_cells_begins_elsewhere_in_each_module_and_a_whole_run_has_all() -> None:
    assert list(sampled(range(9), "Linear", 1)) == list(range(9))
    found = {tuple(sampled(range(9), module, 4)) for module in ("Linear", "ReLU", "Conv2d", "Tanh", "Softmax", "Mish")}
    assert all(b - a == 4 for some in found for a, b in pairwise(some))
    assert len({some[0] for some in found}) > 1
