"""A failing cell shrinks to a few numbers, and the script shows the failure by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.minimal import script, smallest
from parity.minimal.shrink import elements
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

ROOT = Path(__file__).parents[2]
FAULTY = """
from parity.subjects.framework import BuiltModule, FrameworkSubject

class Built(BuiltModule):
    def gradients(self):
        return {name: -grad for name, grad in super().gradients().items()}

class Subject(FrameworkSubject):
    name = "faulty"
    def build(self, *arguments):
        return Built(super().build(*arguments).module)

subject = Subject()
"""


@pytest.mark.parametrize(("module", "quantity"), [("Linear", "dweight"), ("Conv2d", "dbias")])
def test_it_shrinks_and_the_script_reproduces_it(tmp_path: Path, module: str, quantity: str) -> None:
    subject = tmp_path / "faulty.py"
    subject.write_text(FAULTY, encoding="utf-8")
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0]), load(str(subject)))
    found = smallest(trial, quantity)
    assert elements(found) <= 16
    shown = tmp_path / "shown.py"
    shown.write_text(script(found, quantity, str(subject), shown.name), encoding="utf-8")
    done = subprocess.run([sys.executable, shown], cwd=ROOT, env={"PYTHONPATH": "."}, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"AssertionError: {quantity} is wrong" in done.stderr
