"""The suite as its user meets it: exit status, words, records."""

import subprocess
from pathlib import Path

import pytest

from reports.lines import read
from tests import started

FAULTY = """
import torch
from parity.subjects.framework import BuiltModule, FrameworkSubject

class Built(BuiltModule):
    def gradients(self):
        return {name: grad * FACTOR for name, grad in super().gradients().items()}

class Subject(FrameworkSubject):
    name = "faulty"
    def build(self, *arguments):
        return Built(super().build(*arguments).module)

FACTOR = {factor}
subject = Subject()
"""


def run(out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return started.run(["-m", "pytest", "parity/test_parity.py", "-q", "--device", "cpu", "--out", out, *options])


def records(out: Path) -> list[dict[str, object]]:
    return list(read(out / "parity.jsonl"))


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--device", "gpu", "--device must be one of auto, cpu, cuda, was 'gpu'"),
        ("--subject", "nobody", "subject must be one of"),
        ("--subject", "nobody.py", "subject must be one of"),
        ("--module", "Conv2D", "did you mean Conv2d?"),
        ("--case", "plian", "did you mean plain?"),
        ("--check", "value", "did you mean values?"),
        ("--dtype", "float31", "did you mean float32?"),
        ("--seed", "-1", "--seed must be at least 0"),
        ("--runs", "1", "--runs must be at least 2"),
    ],
)
def test_a_word_that_names_nothing_ends_in_one_line(tmp_path: Path, option: str, value: str, words: str) -> None:
    done = run(tmp_path, option, value)
    assert done.returncode == 4
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert len(lines) == 1
    assert words in lines[0]


def test_all_mistakes_of_a_command_line_are_told_at_once(tmp_path: Path) -> None:
    wrong = ["--device", "gpu", "--dtype", "float", "--runs", "1"]
    for subject, hint in (("framwork", "did you mean framework?"), (str(tmp_path), "a folder; name a file in it")):
        done = run(tmp_path / "out", *wrong, "--subject", subject, "--module", "Conv2D")
        assert done.returncode == 4
        said = [line.removeprefix("ERROR: ") for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        assert [line.split()[0] for line in said] == ["--device", "subject", "--runs", "--module", "--dtype"]
        hints = ["did you mean cuda?", hint, "was 1", "did you mean Conv2d?", "did you mean float32?"]
        assert [hint in line for line, hint in zip(said, hints, strict=True)] == [True] * 5
    done = run(tmp_path / "out", "--module", "Linaer", "--check", "value")
    assert (done.stdout + done.stderr).count("ERROR: ") == 2


def test_the_same_seed_gives_the_same_records_whatever_the_workers(tmp_path: Path) -> None:
    for name, workers in (("one", ()), ("two", ("-n", "2"))):
        assert (
            run(tmp_path / name, "--module", "Linear", "--check", "values", "--dtype", "float32", *workers).returncode
            == 0
        )
    (head, *one), (_, *two) = records(tmp_path / "one"), records(tmp_path / "two")
    assert one == two
    assert len(one) > 50
    assert head["complete"] is True


def test_another_seed_gives_other_figures(tmp_path: Path) -> None:
    for seed in ("0", "1"):
        selected = ["--module", "Linear", "--case", "plain", "--check", "values", "--dtype", "float32"]
        assert run(tmp_path / seed, *selected, "--seed", seed).returncode == 0
    (_, *zero), (_, *one) = records(tmp_path / "0"), records(tmp_path / "1")
    assert [record["scale"] for record in zero] != [record["scale"] for record in one]


@pytest.mark.parametrize(("factor", "status"), [(1.0, 0), (1.0001, 1), (-1.0, 1), (0.0, 1)])
def test_a_wrong_gradient_turns_the_gate_red(tmp_path: Path, factor: float, status: int) -> None:
    subject = tmp_path / "faulty.py"
    subject.write_text(FAULTY.replace("{factor}", str(factor)), encoding="utf-8")
    selected = ["--module", "Conv2d", "--case", "plain", "--check", "values", "--dtype", "float32"]
    done = run(tmp_path, "--subject", str(subject), *selected)
    assert done.returncode == status
    wrong = {record["quantity"] for record in records(tmp_path) if record.get("verdict") == "fail"}
    assert wrong == ({"dweight", "dbias"} if status else set())
    if status:
        assert "Conv2d, case plain, check values" in done.stdout
        assert "dweight:" in done.stdout
        assert "again: pytest parity" in done.stdout
        last = done.stdout.splitlines()[-4:]
        assert any(line.startswith("  Conv2d dL/d") and "again: python -m parity parity" in line for line in last)
        assert "report in" in last[-1]


def test_a_cause_that_nobody_looked_for_is_not_said_to_be_unknown(tmp_path: Path) -> None:
    subject = tmp_path / "faulty.py"
    subject.write_text(FAULTY.replace("{factor}", "-1.0"), encoding="utf-8")
    selected = ["--module", "Conv2d", "--case", "plain", "--check", "values", "--dtype", "float32", "--no-causes"]
    done = run(tmp_path, "--subject", str(subject), *selected)
    assert done.returncode == 1
    page = (tmp_path / "parity.md").read_text(encoding="utf-8")
    for text in (done.stdout, page):
        assert "not looked for, as --no-causes asks" in text
        assert "no explanation on the suite's list fits" not in text.lower()
    assert not (tmp_path / "minimal").exists()


def test_no_record_compares_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "--module", "Sequential", "--check", "values", "--dtype", "float32").returncode == 0
    assert all(record["elements"] for record in records(tmp_path)[1:])


def test_an_interrupted_run_keeps_what_is_finished(tmp_path: Path) -> None:
    done = run(tmp_path, "--module", "ReLU", "-p", "tests.parity.interrupt")
    assert done.returncode == 2
    head, *rest = records(tmp_path)
    assert head["complete"] is False
    assert rest
    assert "INCOMPLETE" in (tmp_path / "parity.md").read_text(encoding="utf-8")
