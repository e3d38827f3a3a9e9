"""Outside libraries switch settings, shadow names, print, warn and start threads: none of it reaches another cell."""

from pathlib import Path

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.run.auditing import audited_alone
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity

HEAD = """
import os, sys, threading, warnings
import torch
from torch._subclasses import FakeTensorMode
from parity.subjects.torch_nn import TorchSubject

class Own(torch.Tensor):
    pass

class Subject(TorchSubject):
    name = "outside"
    def build(self, module, *rest):
        built = super().build(module, *rest)
        if module == "Linear":
            forward = built.forward
            def changed(*inputs):
                return act(forward(*inputs))
            built.forward = changed
        return built

subject = Subject()
"""


def isolated(folder: Path, source: str, name: str = "adapter.py") -> Isolated:
    (folder / name).write_text(f"{HEAD}\n{source}", encoding="utf-8")
    return Isolated(str(folder / name))


def judged(subject: Isolated, module: str) -> list[Parity]:
    subject.begin()
    page = pages()[module]
    return CHECKS["values"].records(Trial(Cell(page, page.cases[0], "values"), subject))


def right(subject: Isolated, module: str) -> bool:
    return all(record.verdict in ("pass", "same-route") for record in judged(subject, module))


MEDDLING = {
    "grad mode": "torch.set_grad_enabled(False)",
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "seed": "torch.manual_seed(1)",
    "threads of torch": "torch.set_num_threads(2)",
    "standard output closed": "sys.stdout.close()",
    "printing to nowhere": "sys.stdout = None",
    "warnings": "[warnings.warn('look') for _ in range(100)]",
    "warnings as errors": "warnings.simplefilter('error')",
    "another folder": "os.chdir('/')",
    "a thread that never ends": "threading.Thread(target=threading.Event().wait).start()",
}


def test_what_one_module_does_to_its_process_is_not_anothers_fault(tmp_path: Path) -> None:
    each = "\n".join(f"    if {position} == done:\n        {what}" for position, what in enumerate(MEDDLING.values()))
    source = f"done = -1\ndef act(y):\n    global done\n    done += 1\n{each}\n    return y\n"
    subject = isolated(tmp_path, source)
    child = subject.child
    before = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    for what in MEDDLING:
        judged(subject, "Linear")
        assert right(subject, "Tanh"), what
    assert subject.child is child
    assert (torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()) == before


def test_settings_of_the_import_stay(tmp_path: Path) -> None:
    source = "torch.set_default_dtype(torch.float64)\ndef act(y):\n    return y + torch.ones(1)\n"
    (found,) = [record for record in judged(isolated(tmp_path, source), "Linear") if record.quantity == "output"]
    assert "dtype must be torch.float32, was torch.float64" in found.detail


NAMES = ("layers", "utils", "framework", "reports", "perf", "examples", "tests", "conftest")


def test_a_library_finds_its_own_file_of_a_name_that_the_suite_has_too(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("own = 3\n", encoding="utf-8")
    each = "".join(f"    from {name} import own\n    assert own == 3\n" for name in NAMES)
    subject = isolated(tmp_path, f"def act(y):\n{each}    return y\n")
    assert right(subject, "Linear")
    row = audited_alone(subject, "Linear")  # which needs the suite's own reports
    assert row.verdict == "not audited"
    assert right(subject, "Tanh")


def test_a_file_named_like_what_the_suite_runs_on_does_not_hide_it(tmp_path: Path) -> None:
    for name in ("torch", "parity", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    assert right(isolated(tmp_path, "def act(y):\n    return y\n"), "Linear")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("y.to_sparse()", "forward of Linear must return a torch.Tensor, returned a tensor of layout torch.sparse_coo"),
        ("y.to('meta')", "returned a tensor on the device meta, which has no values"),
        ("torch.nested.nested_tensor([y, y])", "returned a nested tensor"),
        ("torch.quantize_per_tensor(y, 0.1, 0, torch.qint8)", "returned a tensor of torch.qint8"),
        ("FakeTensorMode().from_tensor(y)", r"returned a tensor subclass \(FakeTensor\)"),
        ("y.expand(2**30, *y.shape)", "larger than the 1024 MiB that can cross"),
        ("y.numpy().astype('f4').tolist()", "must return a torch.Tensor, returned list"),
        ("torch.nn.Parameter(y)", None),
        ("y.as_subclass(Own)", None),
        ("torch.complex(y, -y).conj().imag", None),
        ("torch._neg_view(-y)", None),
    ],
)
def test_a_value_that_cannot_cross_costs_its_cell_alone(value: str, words: str | None, tmp_path: Path) -> None:
    subject = isolated(tmp_path, f"def act(y):\n    return {value}\n")
    if words is None:
        assert right(subject, "Linear")
    else:
        with pytest.raises(Exception, match=words):
            judged(subject, "Linear")
    child = subject.child
    assert right(subject, "Tanh")
    assert subject.child is child


def test_the_audit_is_made_in_the_process(tmp_path: Path) -> None:
    source = tmp_path / "own.py"
    source.write_text("from parity.subjects.framework import subject\n", encoding="utf-8")
    row = audited_alone(Isolated(str(source)), "Linear")
    assert row.verdict == "independent"
    assert row.operations["addmm"] >= 1


def test_an_audit_in_which_the_process_ends_is_not_void(tmp_path: Path) -> None:
    (tmp_path / "ends.py").write_text(
        "import os\nfrom parity.subjects.framework import FrameworkSubject\n"
        "class Subject(FrameworkSubject):\n    name = 'ends'\n    def build(self, *rest):\n        os._exit(9)\n"
        "subject = Subject()\n",
        encoding="utf-8",
    )
    row = audited_alone(Isolated(str(tmp_path / "ends.py")), "Linear")
    assert row.verdict == "not audited"
    assert "ended with status 9" in row.findings[0]
