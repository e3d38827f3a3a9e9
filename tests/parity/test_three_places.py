"""A module is three places and a check is one file: those of CONTRIBUTING.md, dropped into a copy of the tree."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import started

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = ("framework/layers/hardshrink.py", "parity/catalogue/hardshrink.py", "parity/contract/numbers/zero_dy.py")


def block(path: str) -> str:
    """Return the code that follows the mention of a path."""
    found = re.search(rf"`{re.escape(path)}`.*?```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found, path
    return found[1]


EXPORT = block("framework/__init__.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with what the guide adds, and nothing else."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("framework", "parity", "perf", "reports", "conftest.py", "tox.ini"):
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__", "out", "published")
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy(source, folder)
    for path in FILES:
        assert not (folder / path).exists()
        (folder / path).write_text(block(path), encoding="utf-8")
    init = folder / "framework" / "__init__.py"
    neighbour = "from framework.layers.leaky_relu"
    init.write_text(init.read_text(encoding="utf-8").replace(neighbour, EXPORT + neighbour), encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return started.run(words, cwd=folder)


def test_the_module_passes_every_check_without_another_edit(copy: Path) -> None:
    done = run(copy, "-m", "pytest", "parity", "-q", "--module", "Hardshrink")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (copy / "reports" / "out" / "parity.md").read_text(encoding="utf-8")
    assert "zero-dy" in page
    assert "linear-in-dy" in page


def test_the_check_is_asked_of_every_module(copy: Path) -> None:
    done = run(copy, "-m", "pytest", "parity", "-q", "-n", "2", "--check", "zero-dy", "--out", "checked")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (copy / "checked" / "parity.md").read_text(encoding="utf-8")
    lines = [line.split() for line in page.splitlines() if line.startswith("| ")]
    asked = {words[1] for words in lines if words[3:5] == ["✓", "pass"]}
    assert asked >= {"Conv2d", "GELU", "Hardshrink", "Sequential"}


CAUGHT = """
from parity.contract import CHECKS
from parity.trust.cells import of_page
from parity.trust.kill import checked, ours
from parity.trust.mutants import of_module
from parity.trust.planted import MutantSubject, hosted
from parity.run.manifest import forgotten

def caught(check):
    cells = [cell for cell in of_page(hosted()["Hardshrink"], 1.0, 0) if cell.check == check]
    subjects = map(MutantSubject, of_module("Hardshrink"))
    return any(checked(cell, subject) - ours(cell) for subject in subjects for cell in cells)

print(len(of_module("Hardshrink")), caught("zero-dy"), caught("values"), forgotten())
"""


def test_faults_reach_the_module_and_the_manifest_is_told_to_be_forgotten(copy: Path) -> None:
    done = run(copy, "-c", CAUGHT)
    number, by_check, by_values, forgotten = done.stdout.split(maxsplit=3)
    assert int(number) >= 50
    assert (by_check, by_values) == ("True", "True")
    assert "Hardshrink" in forgotten


def test_without_the_export_the_module_is_unsupported_and_not_passed(copy: Path) -> None:
    init = copy / "framework" / "__init__.py"
    init.write_text(init.read_text(encoding="utf-8").replace(EXPORT, ""), encoding="utf-8")
    done = run(copy, "-m", "pytest", "parity", "-q", "--module", "Hardshrink", "--check", "zero-dy", "--out", "without")
    assert "nothing was compared" in done.stdout
    assert done.returncode == 1
