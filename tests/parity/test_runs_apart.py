"""Runs of the suite that share a folder, as their user starts them: none destroys what another finished."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parity.__main__ import main
from reports.lines import read
from reports.runs import Extent, extent
from tests import started

ROOT = Path(__file__).parents[2]
COMMAND = ["-m", "parity", "parity", "-q", "-p", "no:cacheprovider", "-n", "0"]
SETTINGS = """
modules = ["Tanh", "Sigmoid"]
check = "values"
dtype = "float32"
device = "cpu"
out = "out"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's folder whose settings say what a run without words does, with the records of such a run."""
    (tmp_path / "gradparity.toml").write_text(SETTINGS, encoding="utf-8")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert extent(tmp_path / "out" / "parity.jsonl") is Extent.WHOLE
    return tmp_path


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return started.run([*COMMAND, *words], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)})


def modules(folder: Path) -> set[str]:
    return {record["module"] for record in read(folder / "parity.jsonl") if record["kind"] == "parity"}


@pytest.mark.parametrize(
    "words",
    [("--module", "ReLU"), ("--case", "image"), ("-k", "Tanh"), ("-k", "test_parity.py"), ("--dtype", "float64")],
)
def test_a_part_of_a_run_has_a_page_of_its_own_and_never_takes_that_of_a_whole_one(
    repository: Path, words: tuple[str, str]
) -> None:
    out = repository / "out"
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    done = run(repository, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert "out still shows a run of more than this one" in done.stdout
    (part,) = (own for own in (out / "runs").glob("*/*") if extent(own / "parity.jsonl") is Extent.PART)
    assert f"{part.relative_to(repository)}/index.html and " in done.stdout
    head = next(read(part / "parity.jsonl"))
    assert head["narrowed_by"] == [words[0]]
    assert head["without"] == (["Sigmoid", "Tanh"] if words[0] == "--module" else [])


def test_shards_of_all_modules_joined_are_a_whole_run(repository: Path) -> None:
    for module in ("Tanh", "Sigmoid"):
        assert run(repository, "--module", module, "--out", module).returncode == 0
        assert extent(repository / module / "parity.jsonl") is Extent.PART
    both, shards = str(repository / "both"), [str(repository / module) for module in ("Tanh", "Sigmoid")]
    assert main(["merge", *shards, "--out", both, "--allow", "uncommitted"]) == 0
    assert extent(repository / "both" / "parity.jsonl") is Extent.WHOLE
    whole = list(read(repository / "out" / "parity.jsonl"))[1:]
    joined = list(read(repository / "both" / "parity.jsonl"))[1:]
    assert sorted(map(json.dumps, joined)) == sorted(map(json.dumps, whole))
    assert len(joined) > 20


def test_a_whole_run_takes_the_place_of_a_whole_one(repository: Path) -> None:
    before = (repository / "out" / "parity.jsonl").read_bytes()
    assert "still shows" not in run(repository, "--seed", "1").stdout
    assert (repository / "out" / "parity.jsonl").read_bytes() != before


def test_two_runs_at_once_keep_their_lines_apart(tmp_path: Path) -> None:
    words = [
        sys.executable,
        *COMMAND,
        "--check",
        "values",
        "--dtype",
        "float32",
        "--device",
        "cpu",
        "--out",
        str(tmp_path),
    ]
    both = [
        subprocess.Popen([*words, "--module", module], cwd=ROOT, stdout=subprocess.DEVNULL)
        for module in ("Tanh", "Sigmoid")
    ]
    assert [process.wait(timeout=started.HANGS) for process in both] == [0, 0]
    own = sorted((tmp_path / "runs" / "framework").iterdir())
    assert sorted(map(sorted, map(modules, own))) == [["Sigmoid"], ["Tanh"]]
    assert modules(tmp_path) in ({"Tanh"}, {"Sigmoid"})


def test_what_runs_leave_breaks_no_check_of_the_checkout(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "tox.ini", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    for package in ("framework", "parity", "perf", "reports"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "gradparity.py").touch()
    (tmp_path / "parity" / "test_one.py").write_text("def test_one() -> None:\n    pass\n", encoding="utf-8")
    for place in ("minimal", "runs/s/20260101-000000/minimal"):
        scripts = tmp_path / "reports" / "out" / place
        scripts.mkdir(parents=True)
        for name in ("Linear-dx.py", "test_Linear.py"):
            (scripts / name).write_text("import os\nx = (1\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for words in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["pytest", "-q"]):
        done = subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
