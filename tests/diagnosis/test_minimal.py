"""A failing cell shrinks to a few numbers, and the script shows the failure by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.diagnosis.minimal import script, shown, smallest
from parity.diagnosis.minimal.shrink import elements
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

FAULTY = """
from parity.subjects.framework import BuiltModule, FrameworkSubject

class Built(BuiltModule):
    def gradients(self):
        return {name: SIGN * grad for name, grad in super().gradients().items()}
    def backward(self, dy):
        return SIGN * super().backward(dy)

class Subject(FrameworkSubject):
    name = "faulty"
    def build(self, *arguments):
        return Built(super().build(*arguments).module)

subject = Subject()
"""


def written(folder: Path, sign: int) -> Path:
    source = folder / "faulty.py"
    source.write_text(f"SIGN = {sign}\n{FAULTY}", encoding="utf-8")
    return source


@pytest.mark.parametrize(
    ("module", "quantity"), [("Linear", "dweight"), ("Conv2d", "dbias"), ("MSELoss", "dx"), ("NearestUpsampling", "dx")]
)
def test_it_shrinks_and_the_script_fails_until_mended(tmp_path: Path, module: str, quantity: str) -> None:
    source = written(tmp_path, -1)
    page = pages()[module]
    found = smallest(Trial(Cell(page, page.cases[0]), load(str(source))), quantity)
    assert elements(found) <= 16
    shows = tmp_path / "shows.py"
    shows.write_text(script(found, quantity, str(source), shows.name), encoding="utf-8")
    broken = subprocess.run([sys.executable, shows], cwd=tmp_path, capture_output=True, text=True)
    assert (broken.returncode, f"{quantity} is wrong" in broken.stderr) == (1, True), broken.stderr
    written(tmp_path, 1)
    assert subprocess.run([sys.executable, shows], cwd=tmp_path, capture_output=True).returncode == 0


def test_each_script_is_written_once_and_those_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    source, page = written(tmp_path, -1), pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), load(str(source)))
    first = shown(trial, ["dweight"], str(source), tmp_path / "minimal")
    stamp = first[0].stat().st_mtime_ns
    assert (
        shown(trial, ["dweight"], str(source), tmp_path / "minimal")
        == first
        == [tmp_path / "minimal" / "Linear-dweight.py"]
    )
    assert first[0].stat().st_mtime_ns == stamp
    shown(trial, ["dbias"], str(source), tmp_path / "minimal", run="another")
    assert [path.name for path in (tmp_path / "minimal").glob("*.py")] == ["Linear-dbias.py"]


def test_nothing_is_written_for_a_quantity_that_a_single_call_does_not_show(tmp_path: Path) -> None:
    source, page = written(tmp_path, 1), pages()["Linear"]
    assert (
        shown(Trial(Cell(page, page.cases[0]), load(str(source))), ["dweight"], str(source), tmp_path / "minimal") == []
    )
