"""Ten layers with one mistake each are reported and explained, and the correct library beside them is not accused."""

import os
import subprocess
from pathlib import Path
from statistics import median

import pytest

from parity.diagnosis.minimal.shrink import STEPS
from tests import started
from tests.subjects.wrong_layers.table import ASKED, MISTAKES, Row, accused, outside, row

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outside(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("WRONG", "")
        return [row(mistake, folder) for mistake in MISTAKES]


def test_every_mistake_is_reported(rows: list[Row]) -> None:
    assert [one.mistake for one in rows if not one.where] == []


def test_at_least_eight_are_explained_rightly(rows: list[Row]) -> None:
    assert sum(one.right for one in rows) >= ASKED, [(one.mistake, one.said) for one in rows if not one.right]


def test_the_smallest_cases_are_small(rows: list[Row]) -> None:
    sizes = [one.size for one in rows if one.size]
    assert len(sizes) > 5
    assert median(sizes) <= 16
    assert max(one.steps for one in rows) < STEPS  # none is cut off


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors", "ignore:Using a target size")  # torch.nn's own
def test_the_correct_library_is_not_accused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    assert accused(folder) == []


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """Put the wrong library to the suite as its user does."""
    asked = ["-m", "pytest", "parity/test_parity.py", "-q", "-p", "no:cacheprovider", *words]
    return started.run(asked, env=os.environ | {"WRONG": "batch-averaged db"})


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_run_says_what_it_looks_like_and_writes_one_script_a_quantity(folder: Path, workers: tuple[str, ...]) -> None:
    out = folder / f"out{len(workers)}"
    selected = ["--module", "Linear", "--case", "plain", "--check", "values", "--dtype", "float64", "--out", str(out)]
    done = run("--subject", str(folder / "wrong.py"), *selected, *workers)
    script, (own,) = out / "minimal" / "Linear-dbias.py", (out / "runs").glob("*/*/minimal/Linear-dbias.py")
    assert done.returncode == 1
    assert "looks like: it is divided by the batch size" in done.stdout
    assert f"smallest case: python {own}" in done.stdout
    assert own.read_bytes() == script.read_bytes()
    page = (out / "parity.md").read_text(encoding="utf-8")
    assert "looks like" in page
    assert "run `python minimal/Linear-dbias.py`" in page
    assert list((out / "minimal").glob("*.py")) == [script]
    assert shown(script).returncode == 1
    assert "dbias is wrong" in shown(script).stderr
    mended = script.with_name("mended.py")
    mended.write_text(script.read_text(encoding="utf-8").replace("wrong.py", "correct.py"), encoding="utf-8")
    assert shown(mended).returncode == 0
    mended.unlink()


def shown(script: Path) -> "subprocess.CompletedProcess[str]":
    """Run a script as its reader does, from another folder."""
    return started.run([script], cwd=script.parent, env=os.environ | {"WRONG": "batch-averaged db"})
