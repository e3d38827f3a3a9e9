"""A library outside torch, as it says: what it asks of torch in its process is found; other processes are not seen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parity.diagnosis.minimal.proof import Forks
from parity.independence.witnesses import elsewhere
from parity.run.auditing import audited_alone
from parity.subjects.process import Isolated
from tests.independence.beside import Alone, Server, Started, Thread, library

ROOT = Path(__file__).parents[2]


def found(kind):
    one = kind()
    try:
        return audited_alone(library(one), "Softmax")
    finally:
        one.close()


def test_numpy_alone_is_independent():
    row = found(Alone)
    assert (row.verdict, row.findings) == ("independent", ())
    assert "only what it asked of torch was seen" in row.remark


def test_torch_in_an_old_thread_is_void():
    row = found(Thread)
    assert row.verdict == "void"
    assert "aten::softmax is the softmax itself: forward, tests/independence/beside.py:" in row.findings[0]


@pytest.mark.parametrize(
    ("kind", "sign"), [(Server, "is alive beside it (python"), (Started, "it started another process")]
)
def test_what_runs_in_another_process_is_not_called_independent(kind, sign):
    row = found(kind)
    assert row.verdict == "not audited"
    assert any(one.startswith("what runs in another process is not seen: ") and sign in one for one in row.findings)


def test_the_suite_s_own_processes_are_not_the_subject_s(tmp_path):
    source = tmp_path / "own.py"
    source.write_text("from parity.subjects.framework import subject\n", encoding="utf-8")
    beside = Isolated(str(source))
    trying = Forks()
    try:
        assert beside.child.process.poll() is None
        assert trying.running().poll() is None
        assert found(Alone).verdict == "independent"
    finally:
        trying.end()


@pytest.mark.parametrize("kind", ["Alone", "Server"])
def test_the_same_is_found_in_a_process_of_its_own(tmp_path, kind):
    source = tmp_path / "outside.py"
    head = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
    source.write_text(f"{head}from tests.independence.beside import {kind}, library\nsubject = library({kind}())\n")
    row = audited_alone(Isolated(str(source)), "Softmax")
    assert row.verdict == {"Alone": "independent", "Server": "not audited"}[kind]


def test_a_child_is_seen_and_named():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert process.pid in elsewhere.children(os.getpid())
        assert any(f"process {process.pid} is alive" in sign for sign in elsewhere.beside())
    finally:
        process.communicate(b"\n")
    assert process.pid not in elsewhere.children(os.getpid())
