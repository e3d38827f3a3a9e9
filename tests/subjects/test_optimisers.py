"""Optimisers of a library in NumPy: a right one is not accused, a fault is found, and named with its step."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parity.catalogue.optimisers import optimisers
from parity.stepping import CHECKS, StepTrial
from parity.stepping.checks import cells
from parity.stepping.course import StepCell
from parity.subjects import load
from parity.subjects.adapters import FLOAT64_NUMPY, Convention, Library, Miswritten, Stepping
from parity.subjects.contract import Unsupported, optimisers_of
from parity.subjects.process import Isolated
from reports.lines import read
from reports.record import Parity
from tests import started

FOLDER = Path(__file__).with_name("optimisers")
HONEST, FAULTY = (str(FOLDER / f"{name}.py") for name in ("adapter", "faulty"))


@pytest.fixture(params=[load, Isolated], ids=["in-process", "isolated"])
def opened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What loads the subject of a file; the library's own files are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    subjects: list[Any] = []

    def open_one(path: str) -> Any:
        subjects.append(request.param(path))
        return subjects[-1]

    yield open_one
    for subject in subjects:
        if isinstance(subject, Isolated):
            subject.end()
    for name in ("library", "adapter"):
        sys.modules.pop(name, None)


def found(subject: Any, module: str, case: str, check: str, dtype: str = "float32") -> list[Parity]:
    page = optimisers()[module]
    (chosen,) = (one for one in page.cases if one.name == case)
    if isinstance(subject, Isolated):
        subject.begin()
    return list(CHECKS[check].run(StepTrial(StepCell(page, chosen, check, dtype=dtype), subject)))


ASKED = [
    ("Adam", "plain", "values"),
    ("Adam", "falling-rate", "values"),
    ("Adam", "plain", "states"),
    ("Adam", "plain", "resumes"),
    ("SGD", "momentum-0.7", "values"),
    ("SGD", "momentum-0.7", "leaves-gradients"),
    ("RMSprop", "plain", "values"),
]


def test_a_right_library_is_right(opened: Any) -> None:
    subject = opened(HONEST)
    assert sorted(optimisers_of(subject)) == ["Adam", "RMSprop", "SGD"]
    for asked in ASKED:
        for dtype in ("float64", "float32"):
            records = found(subject, *asked, dtype)
            assert {record.verdict for record in records} <= {"pass", "same-route"}, (asked, records)
    assert {record.quantity for record in found(subject, "Adam", "plain", "states")} >= {
        "matrix.exp_avg",
        "scalar.step",
    }


def test_a_fault_is_found_with_the_step_after_which_it_shows(opened: Any) -> None:
    subject = opened(FAULTY)
    for record in found(subject, "Adam", "plain", "values"):
        assert record.verdict == "fail"
        assert record.detail.startswith("after step 2: ")
        assert "torch.optim" in record.detail or "no rounding" in record.detail
    assert {record.verdict for record in found(subject, "Adam", "plain", "states")} <= {"pass", "same-route"}
    assert {record.verdict for record in found(subject, "RMSprop", "plain", "values")} <= {"pass", "same-route"}
    assert {record.detail for record in found(subject, "SGD", "momentum-0.7", "leaves-gradients")} == {
        "step 2 wrote to the gradient"
    }
    assert {record.verdict for record in found(subject, "SGD", "momentum-0.7", "values")} == {"fail"}


def test_what_a_library_lacks_is_unsupported_with_the_reason(opened: Any) -> None:
    subject = opened(HONEST)
    for asked, why in {
        ("Adam", "amsgrad", "values"): "the Adam of numpy_steps has no amsgrad=True",
        ("Adam", "two-groups", "values"): "the Adam of numpy_steps has no groups of parameters",
        ("SGD", "plain", "resumes"): "the SGD of numpy_steps has no state_dict and load_state_dict",
        ("SGD", "momentum-0.7", "states"): "the adapter shows no state of the SGD of numpy_steps",
        ("Adagrad", "plain", "values"): "numpy_steps has no Adagrad",
    }.items():
        with pytest.raises(Unsupported, match=why):
            found(subject, *asked)


def test_a_run_says_what_is_wrong_and_how_to_run_it_again(tmp_path: Path) -> None:
    one = ["--subject", FAULTY, "--module", "Adam,SGD", "--case", "plain", "--dtype", "float32", "--check", "values"]
    words = ["-m", "pytest", "parity", *one, "-q", "-p", "no:cacheprovider", "-n", "0", "--out", str(tmp_path)]
    done = started.run([*words, "-k", "normal"])
    assert done.returncode == 1
    again = f"again: pytest parity/test_optimisers.py --subject {FAULTY} --module Adam --case plain --check values "
    assert again + "--dtype float32 --device cpu --seed 0 -k 'float32-normal-cpu'" in done.stdout
    assert "Adam, case plain, check values (float32, normal, cpu):" in done.stdout
    records = [record for record in read(tmp_path / "parity.jsonl") if record["kind"] == "parity"]
    verdicts = {(record["module"], record["verdict"] == "fail") for record in records}
    assert verdicts == {("Adam", True), ("SGD", False)}
    assert "matrix" in (tmp_path / "parity.md").read_text(encoding="utf-8")


def test_a_library_of_float64_alone_steps_in_float32_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    import library

    monkeypatch.delitem(sys.modules, "library")
    made = {"Adam": Stepping(lambda pairs, lr, betas, eps: library.Adam(pairs, lr, betas, eps))}
    subject = Library("doubled", {}, Convention(arrays=FLOAT64_NUMPY), optimisers=made)
    for dtype in ("float64", "float32"):
        assert {record.verdict for record in found(subject, "Adam", "plain", "values", dtype)} <= {"pass", "same-route"}


class SteadyAdam:
    def __init__(self, pairs: Any) -> None:
        self.pairs = pairs


class Misnamed:
    def __init__(self, pairs: Any, bettas: Any) -> None:
        self.pairs, self.bettas = pairs, bettas


def test_a_name_that_torch_does_not_have_is_a_mistake_of_the_adapter() -> None:
    with pytest.raises(Miswritten, match=r"the table names an optimiser 'Adamm', which is none; did you mean Adam\?"):
        Library("mine", {}, optimisers={"Adamm": SteadyAdam})
    with pytest.raises(Miswritten, match=r"Adam: the function takes bettas, which is no option of it; did you mean be"):
        Library("mine", {}, optimisers={"Adam": Misnamed})


def test_a_subject_without_optimisers_has_no_cells_of_them() -> None:
    assert optimisers_of(load("tape")) == []
    assert optimisers_of(Library("mine", {})) == []
    assert list(cells(optimisers()["SGD"], ["accumulates"], ["cpu"], 0)) == []
