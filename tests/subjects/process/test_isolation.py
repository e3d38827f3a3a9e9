"""Whatever a subject does to its process, it costs one cell."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.contract import Stopped
from parity.subjects.process import Isolated, Limits
from parity.subjects.process.isolated import PATIENCE
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial

HOSTILE = str(Path(__file__).with_name("hostile.py"))


@pytest.fixture(scope="module")
def hostile() -> Iterator[Isolated]:
    subject = Isolated(HOSTILE)
    yield subject
    subject.end()


@pytest.fixture(scope="module")
def framework() -> Iterator[Isolated]:
    subject = Isolated("framework")
    yield subject
    subject.end()


def trial(subject: Isolated, module: str, check: str = "values") -> Trial:
    page = pages()[module]
    return Trial(Cell(page, page.cases[0], check), subject)


def ended(tried: Trial) -> str:
    """Return in what the check of values ended: the exception, or the error of what could not be read."""
    judged, error = CHECKS["values"].judged(tried)
    return str(error) if error else next(one.record.detail for one in judged if one.record.verdict == "error")


def passes(subject: Isolated, module: str, check: str = "values") -> bool:
    subject.begin()
    return all(r.verdict in ("pass", "same-route") for r in CHECKS[check].records(trial(subject, module, check)))


@pytest.mark.parametrize(
    ("module", "limits", "words"),
    [
        ("Linear", Limits(), "the subject's process ended with status 7 in forward of Linear\nIt printed:\nlast words"),
        ("Conv2d", Limits(cell_seconds=2), "took more than 2 s for this cell, and was stopped in backward of Conv2d"),
        ("Softmax", Limits(memory_gib=1.25), "more than the 1.25 GiB allowed, and was stopped in forward of Softmax"),
    ],
)
def test_a_process_that_ends_or_is_stopped_costs_one_cell(
    hostile: Isolated, module: str, limits: Limits, words: str
) -> None:
    hostile.limits = limits
    hostile.begin()
    assert words in ended(trial(hostile, module))
    with pytest.raises(Stopped):
        trial(hostile, "Tanh").build()  # the rest of the cell
    hostile.limits = Limits()
    assert passes(hostile, "Tanh")


def test_a_module_that_hangs_again_and_again_is_not_run_again() -> None:
    subject = Isolated(HOSTILE, Limits(cell_seconds=2))
    said = []
    for _ in range(PATIENCE + 2):
        subject.begin()
        said.append(ended(trial(subject, "Conv2d")))
    assert all("took more than 2 s" in words for words in said[:PATIENCE])
    assert set(said[PATIENCE:]) == {f"not run, after {PATIENCE} cells of Conv2d were stopped at a limit"}
    subject.limits = Limits()
    assert passes(subject, "Tanh")
    subject.end()


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("Sigmoid", "the subject raised SystemExit: 3"),
        ("Flatten", "forward of Flatten must return a torch.Tensor, returned list"),
        ("MSELoss", "forward of MSELoss must return a torch.Tensor, returned float"),
        ("BCELoss", "forward of BCELoss must return a torch.Tensor, returned NoneType"),
        ("CrossEntropyLoss", "backward of CrossEntropyLoss must return a torch.Tensor, returned ndarray"),
    ],
)
def test_an_error_or_a_wrong_type_leaves_the_process_running(hostile: Isolated, module: str, words: str) -> None:
    assert passes(hostile, "Tanh")
    child = hostile.child
    hostile.begin()
    assert words in ended(trial(hostile, module))
    assert passes(hostile, "Tanh")
    assert hostile.child is child


def test_megabytes_of_printing_are_swallowed(hostile: Isolated, capfd: pytest.CaptureFixture[str]) -> None:
    assert passes(hostile, "ReLU")
    assert capfd.readouterr() == ("", "")


def test_global_state_stays_on_the_other_side(hostile: Isolated) -> None:
    before = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads(), torch.get_rng_state()
    hostile.begin()
    built = trial(hostile, "LeakyReLU").build()
    built.forward(*trial(hostile, "LeakyReLU").inputs())
    after = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads(), torch.get_rng_state()
    assert before[:3] == after[:3]
    assert torch.equal(before[3], after[3])


PLANNED = {cell.check for cell in cells(pages()["Linear"], CHECKS.values(), ["cpu"], 0) if cell.case.name == "plain"}


@pytest.mark.parametrize("check", sorted(PLANNED))
def test_every_check_sees_through_the_process_what_it_sees_without(framework: Isolated, check: str) -> None:
    assert passes(framework, "Linear", check)


WRITES = """
from parity.subjects.framework import BuiltModule, FrameworkSubject, construct

class Built(BuiltModule):
    def __init__(self, module):
        super().__init__(module)
        self.forward = self.watched
    def watched(self, x):
        self.x = x
        y = self.module.forward(x)
        if WHAT == "input":
            x.data[0, 0] += 1  # not seen by torch's count of writes, which the framework watches
        return y
    def backward(self, dy):
        dx = self.module.backward(dy)
        if WHAT == "dy":
            dy *= 2
        if WHAT == "input in backward":
            self.x.zero_()
        if WHAT == "weight":
            self.module.weight *= 2
        if WHAT == "same objects":
            for parameter in self.module._parameters.values():
                parameter.grad.data = parameter.grad.data.clone()
        if WHAT == "stale":
            for name, parameter in self.module._parameters.items():
                self.module._parameters[name] = parameter._replace(grad=parameter.grad.clone())
        return dx

class Subject(FrameworkSubject):
    name = "writes"
    def build(self, module, options, parameters, device, dtype):
        return Built(super().build(module, options, parameters, device, dtype).module)

subject = Subject()
"""


def test_a_list_of_the_same_objects_is_not_stale(tmp_path: Path) -> None:
    source = tmp_path / "writes.py"
    source.write_text(f"WHAT = 'same objects'\n{WRITES}", encoding="utf-8")
    subject = Isolated(str(source))
    found = CHECKS["accumulates"].records(trial(subject, "Linear", "accumulates"))
    assert [record.quantity for record in found if record.verdict not in ("pass", "same-route")] == []
    subject.end()


def test_a_write_in_forward_is_not_backwards(tmp_path: Path) -> None:
    source = tmp_path / "writes.py"
    source.write_text(f"WHAT = 'input'\n{WRITES}", encoding="utf-8")
    subject = Isolated(str(source))
    found = CHECKS["leaves-alone"].records(trial(subject, "Linear", "leaves-alone"))
    assert [record.quantity for record in found if record.verdict == "fail"] == ["input 0"]
    subject.end()


@pytest.mark.parametrize(
    ("what", "check", "quantity"),
    [
        ("input", "leaves-alone", "input 0"),
        ("input in backward", "leaves-alone", "inputs after backward"),
        ("dy", "leaves-alone", "dy"),
        ("weight", "leaves-alone", "weight"),
        ("stale", "accumulates", "param()"),
    ],
)
def test_what_a_subject_writes_to_is_seen(tmp_path: Path, what: str, check: str, quantity: str) -> None:
    source = tmp_path / "writes.py"
    source.write_text(f"WHAT = {what!r}\n{WRITES}", encoding="utf-8")
    subject = Isolated(str(source))
    found = CHECKS[check].records(trial(subject, "Linear", check))
    assert quantity in {record.quantity for record in found if record.verdict == "fail"}
    subject.end()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("raise SystemExit(4)\n", "the subject raised SystemExit: 4"),
        ("import os; os._exit(5)\n", "ended with status 5 in the import of"),
        ("subjekt = 1\n", "must define a variable named subject"),
        ("subject = 1\n", "its variable subject must have name"),
        ("def f(:\n", "SyntaxError"),
    ],
)
def test_a_subject_that_cannot_be_imported_ends_in_one_sentence(tmp_path: Path, source: str, words: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(ValueError, match=words) as error:
        Isolated(str(path))
    assert "\n" not in str(error.value)


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match="--cell-seconds must be above 0, was 0"):
        Limits(cell_seconds=0)
    with pytest.raises(ValueError, match="--cell-memory must be above 0 GiB, was -1"):
        Limits(memory_gib=-1)


@pytest.mark.parametrize(
    ("module", "words", "code"),
    [
        ("Sigmoid", r"ValueError: cannot reshape array of size \d+ into shape .*", ".reshape("),
        ("Tanh", "KeyError: .*cache of 4 axes.*", "raise KeyError"),
    ],
)
def test_an_exception_says_in_which_line_of_the_library_it_came_up(module: str, words: str, code: str) -> None:
    library = Path(__file__).with_name("stumbling.py")
    lines = library.read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, start=1) if code in line)
    subject = Isolated(str(library))
    try:
        assert re.fullmatch(f"{words}, in stumbling.py, line {number}, in backward", ended(trial(subject, module)))
    finally:
        subject.end()
