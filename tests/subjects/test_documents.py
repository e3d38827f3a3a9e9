"""What docs/adapters.md and the templates show does run, as shown, and stays as short as it is said to be."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from parity.catalogue import offered
from parity.catalogue.optimisers import optimisers
from parity.contract import CHECKS
from parity.run import new_adapter
from parity.stepping import CHECKS as CHECKS_OF_OPTIMISERS
from parity.stepping import StepTrial
from parity.stepping.course import StepCell
from parity.subjects.contract import Subject, Unsupported, optimisers_of, traits
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
ADAPTERS = sorted((ROOT / "examples" / "adapters").glob("*.py"))
MOST_LINES, MOST_LINES_PARAM = 30, 15


def lines(source: str) -> int:
    """Return how many lines of a source are neither blank nor a comment."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in source.splitlines())


def executed(source: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    names: dict[str, Any] = {}
    exec(compile(source, "docs/adapters.md", "exec"), names)
    return names


def right_modules(subject: Subject) -> list[str]:
    """Return the modules of which the values of the first case agree; fail where one does not."""
    found = []
    for name, page in offered(traits(subject).operators).items():
        try:
            records = CHECKS["values"].records(Trial(Cell(page, page.cases[0], "values", dtype="float64"), subject))
        except Unsupported:
            continue
        assert {record.verdict for record in records} <= {"pass", "same-route"}, (name, records)
        found.append(name)
    return found


def right_optimisers(subject: Subject) -> list[str]:
    """Return the optimisers of which everything asked of the plain case agrees; fail where something does not."""
    found = []
    for name in optimisers_of(subject):
        plain = optimisers()[name].cases[0]
        for check in CHECKS_OF_OPTIMISERS.values():
            cell = StepCell(optimisers()[name], plain, check.name, dtype="float64")
            try:
                records = list(check.run(StepTrial(cell, subject)))
            except Unsupported:
                continue
            assert {record.verdict for record in records} <= {"pass", "same-route"}, (name, records)
            found.append(f"{name} {check.name}")
    return found


def test_the_optimisers_of_the_document_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (block for block in BLOCKS if "optimisers=" in block)
    right = right_optimisers(executed(block, monkeypatch)["subject"])
    assert {"Adam values", "Adam states", "Adam leaves-gradients", "RMSprop values"} <= set(right)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: str(BLOCKS.index(block)))
def test_every_block_of_the_document_is_an_adapter_that_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert right_modules(executed(block, monkeypatch)["subject"])


def test_the_document_shows_every_shape() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("shape", new_adapter.shapes())
def test_every_template_runs_as_it_is_written(shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = new_adapter.write("mylib", shape, tmp_path).read_text(encoding="utf-8")
    found = right_modules(executed(source, monkeypatch)["subject"])
    assert len(found) >= 2


def test_an_adapter_for_param_pairs_takes_fifteen_lines() -> None:
    assert lines((new_adapter.TEMPLATES / "param.txt").read_text(encoding="utf-8")) <= MOST_LINES_PARAM
    assert lines(BLOCKS[0]) <= MOST_LINES_PARAM


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_an_example_takes_thirty_lines(path: Path) -> None:
    assert lines(path.read_text(encoding="utf-8")) <= MOST_LINES


def test_the_document_counts_the_examples_as_they_are() -> None:
    count = len(list((ROOT / "examples" / "adapters").rglob("*.py")))
    assert f"`examples/adapters/` holds {count} adapters" in DOCUMENT


def test_what_the_document_names_exists() -> None:
    import parity.subjects.adapters as adapters

    named = set(re.findall(r"from parity\.subjects\.adapters import (.*)", DOCUMENT))
    assert all(hasattr(adapters, name.strip()) for line in named for name in line.split(","))
    assert "mylib" not in sys.modules or sys.modules["mylib"].__file__ == str(Path(__file__).with_name("mylib.py"))


def test_the_network_of_the_document_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = [block for block in BLOCKS if '"body.stack"' in block]
    assert {"Linear", "ReLU", "Sequential"} <= set(right_modules(executed(block, monkeypatch)["subject"]))


def test_the_operators_of_the_document_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = [block for block in BLOCKS if "Tensor.add" in block]
    subject = executed(block, monkeypatch)["subject"]
    assert right_modules(subject) == ["Tanh", "Tensor.add", "Tensor.transpose"]
    page = offered(traits(subject).operators)["Tensor.add"]
    for case in page.cases:
        records = CHECKS["values"].records(Trial(Cell(page, case, "values", dtype="float64"), subject))
        assert {record.verdict for record in records} <= {"pass", "same-route"}, (case.name, records)
