"""Ten layers with one mistake each are reported, and the correct ones beside them are not."""

from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects import load
from parity.subjects.contract import Subject, Unsupported
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity

FOLDER = Path(__file__).parent / "wrong_layers"
MISTAKES = {
    "batch-averaged db": ("Linear", "plain", "values", "normal"),
    "kernel not transposed": ("Conv2d", "plain", "values", "normal"),
    "padding x stride mixed": ("Conv2d", "everything", "values", "normal"),
    "in-place ReLU": ("ReLU", "image", "leaves-alone", "normal"),
    "momentum aliases gradient": ("Linear", "plain", "accumulates", "normal"),
    "derivative at the cotangent": ("Sigmoid", "image", "values", "normal"),
    "max over the wrong axis": ("Softmax", "rows", "values", "huge"),
    "loss divided by batch": ("MSELoss", "mean", "values", "normal"),
    "gradient overwritten": ("Linear", "plain", "accumulates", "normal"),
    "groups mixed": ("Conv2d", "everything", "values", "normal"),
}


def wrong(subject: Subject, module: str, case: str, check: str, regime: str) -> list[Parity]:
    page = pages()[module]
    cell = Cell(page, next(entry for entry in page.cases if entry.name == case), check, regime=regime)
    return [record for record in CHECKS[check](Trial(cell, subject)) if record.verdict in ("fail", "error")]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_where_the_correct_layer_passes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("WRONG", name)
    assert wrong(load(str(FOLDER / "wrong.py")), *MISTAKES[name])
    assert not wrong(load(str(FOLDER / "correct.py")), *MISTAKES[name])


def test_the_correct_layers_pass_every_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    correct, seen = load(str(FOLDER / "correct.py")), 0
    for module in ("Linear", "Conv2d", "ReLU", "Sigmoid", "Softmax", "MSELoss"):
        page = pages()[module]
        for cell in cells(page, list(CHECKS), ["cpu"], 0):
            if cell.case is not page.cases[0] or cell.check in ("values", "refuses", "needs-forward"):
                continue  # our Softmax here refuses nothing
            try:
                found = CHECKS[cell.check](Trial(cell, correct))
            except Unsupported:
                continue
            assert not [record for record in found if record.verdict in ("fail", "error")], cell
            seen += 1
    assert seen > 40
