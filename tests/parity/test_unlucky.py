"""Runs that are cut short, or cannot write: what is finished is kept, and nothing passes for a finished run."""

import os
import subprocess
from pathlib import Path

import pytest

from parity.__main__ import main
from reports.lines import read
from reports.record import Parity, Run, write
from tests import started

ROOT = Path(__file__).parents[2]
COMMAND = ["-m", "parity", "parity", "-q", "-p", "no:cacheprovider", "--device", "cpu"]
BEFORE = Run(
    subject="framework",
    seed=0,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="abc",
    machine={},
    versions={},
    settings={},
    ends=True,
)
ROW = Parity(
    subject="framework",
    module="ReLU",
    case="c",
    check="values",
    quantity="dx",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=0,
    verdict="pass",
    elements=3,
)
WRITER = """
import os, pathlib
from parity.subjects.framework import FrameworkSubject

OUT = pathlib.Path({out!r})

class Subject(FrameworkSubject):
    name = "writer"
    def build(self, *arguments):
        for name in ("perf.json", "parity.jsonl", "parity.md", "papers-time.jsonl"):
            (OUT / name).unlink(missing_ok=True)
            (OUT / name).write_text('{{"kind": "parity", "gradparity": {{"ratio": [}}')
        return super().build(*arguments)

subject = Subject()
"""


def run(out: Path | str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    done = started.run([*COMMAND, "--module", "ReLU", "--out", out, *options], env=os.environ | variables)
    for word in ("Traceback", "INTERNALERROR"):
        assert word not in done.stdout + done.stderr
    return done


def finished_before(out: Path) -> None:
    """Leave the records and the page of a run in which all was right."""
    write(out / "parity.jsonl", [BEFORE, ROW])
    assert main(["report", "--out", str(out)]) == 0
    assert "compared quantities of" in (out / "parity.md").read_text(encoding="utf-8")


def contents(out: Path) -> dict[str, bytes]:
    """Return the files of a folder, those of its folders left out."""
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def is_told_as_incomplete(out: Path) -> None:
    """Check that neither the page, nor the command, nor what is published passes the run off as a finished one."""
    for _ in range(2):
        page = (out / "parity.md").read_text(encoding="utf-8")
        assert "**INCOMPLETE**" in page
        assert "compared quantities of" not in page
        assert main(["report", "--out", str(out)]) == 1
    assert main(["publish", "some-machine", "--out", str(out), "--to", str(out / "to")]) == 2
    assert not (out / "to").exists()


@pytest.mark.parametrize(("ended_by", "kept"), [("once", 8), ("twice", 8), ("kill", 8)])
def test_a_run_that_is_cut_short_is_no_finished_run(tmp_path: Path, ended_by: str, kept: int) -> None:
    done = run(tmp_path, "-p", "tests.parity.interrupt", ENDED_BY=ended_by)
    assert done.returncode not in (0, 1)
    records = list(read(tmp_path / "parity.jsonl"))
    assert records[0]["complete"] is False
    assert sum(record["kind"] == "parity" for record in records) >= kept
    is_told_as_incomplete(tmp_path)


@pytest.mark.parametrize("ended_by", ["once", "kill"])
def test_a_run_that_is_cut_short_loses_nothing_of_one_that_was_finished(tmp_path: Path, ended_by: str) -> None:
    finished_before(tmp_path)
    before = contents(tmp_path)
    done = run(tmp_path, "-p", "tests.parity.interrupt", ENDED_BY=ended_by)
    assert done.returncode not in (0, 1)
    assert contents(tmp_path) == before
    (own,) = (tmp_path / "runs" / "framework").iterdir()
    assert next(read(own / "parity.jsonl"))["complete"] is False
    is_told_as_incomplete(own)


def test_a_run_of_nothing_leaves_the_run_before(tmp_path: Path) -> None:
    finished_before(tmp_path)
    before = contents(tmp_path)
    assert run(tmp_path, "-k", "no-such-cell").returncode == 2
    assert contents(tmp_path) == before
    assert not (tmp_path / "runs").exists()


def test_a_full_disk_is_told_in_one_sentence_and_what_fitted_is_kept(tmp_path: Path) -> None:
    done = run(tmp_path, "-p", "tests.parity.no_room")
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert len(said) == 1
    assert "what was recorded could not be written: " in said[0]
    assert len(list(read(tmp_path / "parity.jsonl"))) > 10
    is_told_as_incomplete(tmp_path)


@pytest.mark.parametrize("place", ["/proc/nowhere", "{file}/below", "{file}"])
def test_a_folder_that_cannot_be_is_told_before_anything_runs(tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = run(place.format(file=file))
    assert done.returncode == 2
    assert "--out " in done.stdout + done.stderr
    assert "passed" not in done.stdout


def test_a_folder_whose_name_is_no_text_takes_the_run(tmp_path: Path) -> None:
    out = tmp_path / os.fsdecode(b"n\xffo")
    assert run(out, "--check", "values").returncode == 0
    assert "udcffo" in (out / "parity.md").read_text(encoding="utf-8")
    assert main(["report", "--out", str(out)]) == 0


def test_what_a_subject_writes_beside_the_records_is_not_taken_for_records(tmp_path: Path) -> None:
    subject = tmp_path / "writer.py"
    subject.write_text(WRITER.format(out=str(tmp_path / "out")), encoding="utf-8")
    done = run(tmp_path / "out", "--subject", str(subject), "--check", "values")
    assert done.returncode == 0
    assert {record["subject"] for record in read(tmp_path / "out" / "parity.jsonl")} == {"writer"}
    assert "was not timed" in (tmp_path / "out" / "parity.md").read_text(encoding="utf-8")
