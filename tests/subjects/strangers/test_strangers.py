"""Faults of strangers' libraries are reported, their honest forms are not accused, and the judgement can tell both."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import started
from tests.subjects.strangers import explained
from tests.subjects.strangers.faults import FAULTS, TABLES
from tests.subjects.strangers.libraries.variant import source

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

CHOSEN = (
    "dense: gradients overwritten",
    "dense: first forward kept",
    "linear: zero_grad makes new tensors",
    "linear: db added twice",
    "sigmoid: writes into dy",
    "sigmoid: derivative without 1 - y",
    "tape: gradients assigned",
    "tape: mean without 1/N in its gradient",
    "right too: relu with a derivative of one half at zero",
)


def examined(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Examine the chosen faults and the honest libraries beside them in their plain cases."""
    only = [word for name in CHOSEN for word in ("--only", name)]
    command = [HERE / "table.py", "--plain", "--honest", "met", "--out", str(out), *only, *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return started.run([*command, "-k", "test_parity.py", "--dtype", "float32"], env=environment)


def test_chosen_faults_are_reported_and_nothing_right_is_accused(tmp_path: Path) -> None:
    ended = examined(tmp_path / "out")
    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    assert f"reported: {len(CHOSEN) - 1} of {len(CHOSEN) - 1} " in ended.stdout, told
    assert "right choices that are accused: 0 of 1 " in ended.stdout, told
    assert "quantities of honest libraries that are accused: 0" in ended.stdout, told


def test_every_fault_is_another_program() -> None:
    assert len(FAULTS) == sum(len(table) for table in TABLES) >= 48
    for name, fault in FAULTS.items():
        assert source(fault.library, name) != source(fault.library, "")
        compile(source(fault.library, name), name, "exec")


def test_a_fault_of_another_library_or_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="must name a fault"):
        source("numpy_layers", "no such fault")
    with pytest.raises(ValueError, match="names a fault of torch_pairs"):
        source("numpy_layers", "mse: factor 2 missing")


ITEM = (
    "**Linear, dL/db** is wrong in 57 of 57 comparisons (every case; regime mean (all)). At worst, in case plain "
    "(float64): 7 of 7 elements are wrong, the worst at (1,): got 1, wanted 2. It looks like this: in 46 comparisons "
    "(cases a, b) it is upside down, or inside out; in 8 comparisons (in_features=1) it is late. And so it fails 8 "
    "checks: accumulates."
)
CELL = """Linear, case plain, check values (float64, normal, cpu):
  dbias: 4 of 4 elements are wrong, the worst at (0,): got 1, wanted 2
    looks like: it is upside down, or inside out
  dx: shape must be (4,), was (1, 4)
  again: pytest parity/test_parity.py
"""


def test_the_first_explanation_leads_and_conditions_and_figures_are_none() -> None:
    assert explained.of_item(ITEM) == explained.Passage(("it is upside down",), ("inside out", "it is late"), True)
    cell = explained.of_cell(CELL)
    assert cell.leads == ("it is upside down",)
    assert cell.rest == ("inside out", "shape must be (4,), was (1, 4)")


def test_a_broken_promise_is_told_by_its_own_words() -> None:
    item = "**accumulates** is broken: dbias (Linear), 2 times: the gradient is overwritten"
    assert FAULTS["dense: gradients overwritten"].named_by(" ".join(explained.of_item(item).leads))
    unknown = "**Linear, dL/dX** is wrong in 1 of 2 comparisons (case a). No explanation on the suite's list fits."
    assert not any("explanation" in lead for lead in explained.of_item(unknown).leads)
    shape = "**Linear, dL/db** is wrong in 1 of 1 comparison (case a). At worst, in case a (float64): shape must be "
    shape += "(4,), was (1, 4). No explanation on the suite's list fits."
    assert explained.of_item(shape).leads == ("shape must be (4,), was (1, 4)",)
