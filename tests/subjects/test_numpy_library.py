"""The library in one file of examples/ is right, its adapter is short, and a fault planted in it is found and named."""

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples import numpy_library
from parity import stepping
from parity.catalogue import pages
from parity.catalogue.optimisers import optimisers
from parity.contract import CHECKS
from parity.stepping import StepTrial
from parity.stepping.course import StepCell
from parity.subjects import load
from parity.subjects.contract import optimisers_of
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests import started

ROOT = Path(__file__).parents[2]
ADAPTER = ROOT / "examples" / "adapters" / "numpy_library.py"
MOST_LINES = 40
RIGHT = {"pass", "same-route"}
MODULES = (
    *("BatchNorm1d", "BatchNorm2d", "Conv2d", "CrossEntropyLoss", "Flatten", "LSTM", "Linear", "LogSoftmax"),
    *("MSELoss", "MaxPool2d", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh"),
)
# The module, the line and what takes its place, what is wrong then, and in which case.
FAULTS = {
    "BatchNorm without the term of the mean": (
        "BatchNorm2d",
        "dnormal = dnormal - dnormal.mean(over, keepdims=True) - along",
        "dnormal = dnormal - along",
        {"dx"},
        "two-values",
    ),
    "dc of the LSTM not carried": (
        "LSTM",
        "ds @ self.W, ds @ self.U, dc * f",
        "ds @ self.W, ds @ self.U, 0 * dc",
        {"dx", "dweight_ih_l0", "dweight_hh_l0", "dbias_ih_l0", "dbias_hh_l0"},
        "many-moments",
    ),
    "stride of Conv2d ignored in dx": (
        "Conv2d",
        "(p, q), (s, t) = self.padding, self.stride\n        rows,",
        "(p, q), (s, t) = self.padding, (1, 1)\n        rows,",
        {"dx"},
        "stride 2",
    ),
    "Adam's correction without the power": (
        "Adam",
        "m / (1 - one**self.t), v / (1 - two**self.t)",
        "m / (1 - one), v / (1 - two)",
        {"matrix", "vector", "scalar", "kernel"},
        "plain",
    ),
}


@pytest.fixture(scope="module")
def right() -> Any:
    return load(str(ADAPTER))


def planted(fault: str, folder: Path) -> Path:
    """Write a copy of the library with a fault, and its adapter; return where."""
    _, line, other, _, _ = FAULTS[fault]
    source = Path(numpy_library.__file__).read_text(encoding="utf-8")
    assert source.count(line) == 1
    (folder / "planted_library.py").write_text(source.replace(line, other), encoding="utf-8")
    adapter = ADAPTER.read_text(encoding="utf-8").replace(
        "from examples import numpy_library as ours", "import planted_library as ours"
    )
    (folder / "adapter.py").write_text(adapter, encoding="utf-8")
    return folder / "adapter.py"


def found(
    subject: Any, module: str, case: str = "", check: str = "values", dtype: str = "float64", regime: str = "normal"
) -> dict[str, str]:
    """Return the verdict on each quantity of a cell, of the page's first case unless another is named."""
    page = {**pages(), **optimisers()}[module]
    chosen = next(one for one in page.cases if one.name == (case or page.cases[0].name))
    if module in optimisers():
        records = list(stepping.CHECKS[check].run(StepTrial(StepCell(page, chosen, check, dtype=dtype), subject)))
        return {record.quantity: record.verdict for record in records}
    judged, error = CHECKS[check].judged(Trial(Cell(page, chosen, check, dtype=dtype, regime=regime), subject))
    assert error is None
    return {one.record.quantity: one.record.verdict for one in judged}


def test_the_adapter_is_short() -> None:
    assert len(ADAPTER.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_it_offers_what_it_says(right: Any) -> None:
    assert sorted(right.modules) == sorted(MODULES)
    assert sorted(optimisers_of(right)) == ["Adam", "SGD"]


@pytest.mark.parametrize("module", [*MODULES, "Adam", "SGD"])
def test_its_values_are_right(right: Any, module: str) -> None:
    for dtype in ("float64", "float32"):
        verdicts = found(right, module, dtype=dtype)
        assert verdicts
        assert set(verdicts.values()) <= RIGHT, verdicts


@pytest.mark.parametrize(
    ("module", "case", "check"),
    [
        ("BatchNorm1d", "evaluation", "values"),
        ("BatchNorm2d", "", "batches"),
        ("Conv2d", "stride 2, padding 1", "values"),
        ("Conv2d", "", "batches"),
        ("LSTM", "last-state-alone", "values"),
        ("MaxPool2d", "", "batches"),
        ("Sequential", "", "accumulates"),
        ("Adam", "", "states"),
    ],
)
def test_its_behaviour_is_right(right: Any, module: str, case: str, check: str) -> None:
    verdicts = found(right, module, case, check, dtype="float32")
    assert verdicts
    assert set(verdicts.values()) <= RIGHT, verdicts


def test_gradients_that_grow_moment_by_moment_are_doubled_but_for_rounding(right: Any) -> None:
    verdicts = found(right, "LSTM", check="accumulates", dtype="float32")
    assert set(verdicts.values()) <= RIGHT, verdicts


def test_which_of_several_nans_is_the_largest_is_a_convention(right: Any) -> None:
    verdicts = found(right, "MaxPool2d", regime="not-finite")
    assert set(verdicts.values()) <= RIGHT, verdicts


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "planted_library", raising=False)
    module, _, _, wrong, case = FAULTS[fault]
    verdicts = found(load(str(planted(fault, tmp_path))), module, case)
    monkeypatch.delitem(sys.modules, "planted_library", raising=False)
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == wrong
    assert {verdict for name, verdict in verdicts.items() if name not in wrong} <= RIGHT


def test_the_page_names_a_planted_fault_and_its_script_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "planted_library", raising=False)
    adapter = planted("stride of Conv2d ignored in dx", tmp_path)
    asked = ["--subject", adapter, "--module", "Conv2d", "--check", "values", "--dtype", "float64"]
    words = ["-m", "pytest", "parity/test_parity.py", *asked, "-q", "-p", "no:cacheprovider", "-n", "0"]
    done = started.run([*words, "--case", "stride 2", "--out", tmp_path / "out"])
    assert done.returncode == 1
    said = (tmp_path / "out" / "parity.md").read_text(encoding="utf-8")
    assert "It looks like this: the option stride is ignored" in said
    script = str(tmp_path / "out" / "minimal" / "Conv2d-dx.py")
    assert ended(script, [str(adapter)], monkeypatch) == "dx is wrong"
    assert ended(script, [str(ADAPTER)], monkeypatch) == 0


def ended(script: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a script that the suite wrote, in this process; return what it ends with."""
    monkeypatch.setattr(sys, "argv", [script, *words])
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(script, run_name="__main__")
    return end.value.code


def test_it_learns() -> None:
    np.random.seed(0)
    assert numpy_library.train_images(steps=40) > 180
    before, after = numpy_library.train_sequences(steps=60)
    assert after < before / 4
