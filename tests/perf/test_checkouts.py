"""Two checkouts in one process: each keeps its own modules, and nothing is left behind."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from parity.subjects import load
from perf.bench.rows import Row
from perf.checkouts import subject_at, worktree
from perf.compare import compared
from perf.statistics.gate import LEVEL, SLOWER, VOID

ROOT = Path(__file__).parents[2]
ROW = Row("Sigmoid", "papers", "forward")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A copy of the framework that a test may spoil."""
    shutil.copytree(ROOT / "framework", tmp_path / "framework", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def spoil(place: Path, words: str) -> None:
    """Put a line before the return of Sigmoid's forward."""
    file = place / "framework/layers/sigmoid.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("def forward")) + 1
    lines.insert(at, f"    {words}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_each_checkout_runs_its_own_code(other: Path) -> None:
    spoil(other, "x = x * 2")
    ours = sys.modules.get("framework")
    head, base = load("framework"), subject_at(other, "base")
    x, at = torch.tensor([1.0]), (torch.device("cpu"), torch.float32)
    outputs = [side.build("Sigmoid", {}, {}, *at).forward(x) for side in (head, base)]
    assert torch.equal(outputs[0], torch.sigmoid(x))
    assert torch.equal(outputs[1], torch.sigmoid(2 * x))
    assert str(other) not in sys.path
    assert ours is None or sys.modules["framework"] is ours
    assert not str(sys.modules["framework"].__file__).startswith(str(other))


def test_a_wrong_checkout_voids_the_row(other: Path) -> None:
    spoil(other, "x = x * 2")
    result = compared(ROW, load("framework"), subject_at(other, "base"), 1.05, 0.2)
    assert result.verdict == VOID
    assert "base" in result.detail


def test_a_slower_head_is_found_and_a_faster_one_is_not_slower(other: Path) -> None:
    spoil(other, "for _ in range(3): x.exp()")
    fast, slow = load("framework"), subject_at(other, "base")
    assert compared(ROW, slow, fast, 1.05, 1.0).verdict == SLOWER
    assert compared(ROW, fast, slow, 1.05, 1.0).verdict not in (SLOWER, LEVEL)


def test_a_checkout_without_the_framework_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="base has no package framework"):
        subject_at(tmp_path, "base")


def test_a_revision_that_git_does_not_know_is_named() -> None:
    with pytest.raises(ValueError, match="git does not know 'no-such-branch'"), worktree("no-such-branch"):
        pass


def test_the_worktree_goes_away_even_after_an_error() -> None:
    def listed() -> str:
        return subprocess.run(["git", "worktree", "list"], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    def failing() -> None:
        with worktree("HEAD") as place:
            places.append(place)
            assert (place / "framework").is_dir()
            raise RuntimeError

    before, places = listed(), list[Path]()
    with pytest.raises(RuntimeError):
        failing()
    assert listed() == before
    assert not places[0].exists()
