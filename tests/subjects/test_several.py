"""Several subjects in one run: each has its cells, its records and its column; one that is wrong makes the run red."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from parity.run.tested import tell_apart, words
from reports.lines import read
from tests import started

ROOT = Path(__file__).parents[2]
CORRECT = "tests/subjects/wrong_layers/correct.py"
WRONG = "tests/subjects/wrong_layers/wrong.py"
ONE_CELL = ["--module", "MSELoss", "--case", "mean", "--check", "values", "--dtype", "float32"]


def run(out: Path, subject: str, *more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"WRONG": "loss divided by batch"}
    asked = ["-p", "no:cacheprovider", "-v", "--out", str(out), "--subject", subject, *ONE_CELL, *more]
    return started.run(["-m", "pytest", "parity/test_parity.py", *asked], env=environment)


def test_one_wrong_subject_makes_the_run_red_and_the_right_one_stays_right(tmp_path: Path) -> None:
    ended = run(tmp_path, f"{CORRECT} {WRONG} framework")
    assert ended.returncode == 1
    assert "[correct-MSELoss-mean-values-float32-normal-cpu] PASSED" in ended.stdout
    assert f"again: pytest parity/test_parity.py --subject {WRONG} --module MSELoss" in ended.stdout
    found = list(read(tmp_path / "parity.jsonl"))
    assert [record["subject"] for record in found if record["kind"] == "run"] == ["correct", "wrong", "framework"]
    verdicts = {
        (r["subject"], r["verdict"] == "fail") for r in found if r["kind"] == "parity" and r["quantity"] == "dx"
    }
    assert verdicts >= {("correct", False), ("wrong", True), ("framework", False)}
    assert ("correct", True) not in verdicts
    assert "Side by side" in (tmp_path / "parity.md").read_text(encoding="utf-8")


def test_right_subjects_end_green_and_one_alone_has_plain_ids(tmp_path: Path) -> None:
    assert run(tmp_path, f"{CORRECT} framework").returncode == 0
    alone = run(tmp_path, CORRECT)
    assert "test_parity[MSELoss-mean-values-float32-normal-cpu] PASSED" in alone.stdout
    assert "Side by side" not in (tmp_path / "parity.md").read_text(encoding="utf-8")


def test_two_subjects_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("from parity.subjects.torch_nn import subject\n", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.py", "b.py")]
    assert run(tmp_path / "out", " ".join(files)).returncode == 0
    names = {record["subject"] for record in read(tmp_path / "out" / "parity.jsonl")}
    assert names == {f"torch_nn ({file})" for file in files}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("framework framework", "--subject must name each subject once"),
        ("framework nobody.py", "subject must be one of"),
        ("  ", "--subject must name a subject"),
        ('framework "tape', "No closing quotation"),
    ],
)
def test_a_list_that_cannot_be_is_one_line(tmp_path: Path, given: str, sentence: str) -> None:
    ended = run(tmp_path, given)
    assert ended.returncode == 4
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_with_a_blank_in_its_name_is_one_subject(tmp_path: Path) -> None:
    path = tmp_path / "my adapter.py"
    path.write_text("", encoding="utf-8")
    assert words(str(path)) == [str(path)]
    assert words(f"framework '{path}'") == ["framework", str(path)]


def test_only_what_bears_one_name_is_renamed() -> None:
    subjects = [SimpleNamespace(name=name) for name in ("a", "a", "b")]
    tell_apart(subjects, ["x.py", "y.py", "z.py"])  # type: ignore[arg-type]  # a name is all that is looked at
    assert [subject.name for subject in subjects] == ["a (x.py)", "a (y.py)", "b"]


MOODY = """
import os
from parity.subjects.contract import Unsupported
from parity.subjects.torch_nn import TorchSubject
class Subject(TorchSubject):
    def build(self, module, options, *rest):
        if "reduction" in options and "PYTEST_XDIST_WORKER" in os.environ:
            raise Unsupported("no reduction here")
        return super().build(module, options, *rest)
subject = Subject()
"""


def test_all_processes_of_a_run_plan_what_the_first_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # of the run of this test
    (tmp_path / "moody.py").write_text(MOODY, encoding="utf-8")
    ended = run(tmp_path / "out", str(tmp_path / "moody.py"), "-n", "2", "--case", "all")
    assert ended.returncode == 0, ended.stdout
    cases = {r["case"]: r["verdict"] for r in read(tmp_path / "out" / "parity.jsonl") if r["kind"] == "parity"}
    assert cases["mean"] == "same-route"
    assert cases["reduction sum"] == "unsupported"


def test_the_records_say_what_a_subject_never_met(tmp_path: Path) -> None:
    (tmp_path / "moody.py").write_text(MOODY.replace("PYTEST_XDIST_WORKER", "PATH"), encoding="utf-8")
    run(tmp_path / "out", str(tmp_path / "moody.py"))
    header = next(iter(read(tmp_path / "out" / "parity.jsonl")))
    said = [sentence for sentence in header["not_run"] if "never met" in sentence]
    assert said == ["torch_nn: MSELoss was never met with reduction sum, reduction none (no reduction here)"]
    assert said[0] in (tmp_path / "out" / "parity.md").read_text(encoding="utf-8")
