"""A failing cell shrinks to a few numbers, and the script shows the failure by itself."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.contract import CHECKS
from parity.diagnosis.minimal import elements, proof, shown, shrink, smallest
from parity.diagnosis.minimal.acts import PLAIN, STOPPED, CalledWith
from parity.settle import Settings
from parity.subjects import load
from parity.subjects.contract import Subject
from parity.subjects.process import Isolated, Limits
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity
from tests import started
from tests.subjects.restricted import FAULTS

OPTIONS = {"in_channels": 4, "out_channels": 5, "kernel_size": 3, "stride": 2, "padding": 1, "bias": False}
APART = "segmentation fault", "grad mode off", "other default dtype"  # what they do to a process is its own affair
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


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = Settings.now()
    yield
    before.restore()


def faulty(folder: Path, sign: int) -> Path:
    source = folder / "faulty.py"
    source.write_text(f"SIGN = {sign}\n{FAULTY}", encoding="utf-8")
    return source


def library(folder: Path, fault: str) -> Path:
    """Write the numpy library with a fault; an empty one mends it."""
    text = Path(__file__).with_name("linear_of_numpy.py").read_text(encoding="utf-8")
    source = folder / "library.py"
    source.write_text(text.replace('FAULT = ""', f"FAULT = {fault!r}", 1), encoding="utf-8")
    return source


def run(script: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a script as its reader does, from another folder."""
    return started.run([script, *words], cwd=script.parents[1])


def failed(trial: Trial) -> list[Parity]:
    """Return what a run of the cell's check would ask scripts for."""
    judged, error = CHECKS[trial.cell.check].judged(trial)
    records = [one.record for one in judged if one.record.verdict in ("fail", "error")]
    ended = trial.claim("all", False, str(error)).told(verdict="error").record
    return [*records, *([ended] if error else [])]


def asked(
    source: Path,
    out: Path,
    module: str = "Linear",
    check: str = "values",
    dtype: str = "float32",
    subject: Subject | None = None,
) -> list[str]:
    """Put the library of a file to one check, as a run does; return the lines on scripts."""
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0], check=check, dtype=dtype), subject or load(str(source)))
    return shown(trial, failed(trial), str(source), out)


@pytest.mark.parametrize(
    ("module", "quantity"), [("Linear", "dweight"), ("Conv2d", "dbias"), ("MSELoss", "dx"), ("NearestUpsampling", "dx")]
)
def test_it_shrinks_and_the_script_is_red_until_the_library_is_mended(
    tmp_path: Path, module: str, quantity: str
) -> None:
    source, page = faulty(tmp_path, -1), pages()[module]
    trial = Trial(Cell(page, page.cases[0]), load(str(source)))
    assert elements(smallest(trial, quantity)) <= 16
    records = [record for record in failed(trial) if record.quantity == quantity]
    script = tmp_path / "out" / f"{module}-{quantity}.py"
    assert shown(trial, records, str(source), script.parent) == [f"smallest case: python {script}"]
    broken = run(script)
    assert (broken.returncode, f"{quantity} is wrong" in broken.stderr) == (1, True), broken.stderr
    assert run(script, "framework").returncode == 0
    faulty(tmp_path, 1)
    assert proof.FORKED.ask(script, [], Limits()) == proof.ScriptEnd("exit", "0")


@pytest.mark.parametrize(
    ("fault", "check", "dtype", "quantity", "said"),
    [
        ("sign", "values", "float64", "dweight", "dweight is wrong"),
        ("grad mode off", "values", "float64", "dweight", "dweight is wrong"),
        ("other default dtype", "values", "float32", "dweight", "dweight is wrong"),
        ("transposed shape", "values", "float32", "dweight", "it must have the shape (1, 1)"),
        ("integers", "values", "float32", "output", "in torch.float32"),
        ("none given", "values", "float32", "dbias", "dbias is wrong"),
        ("exception in forward", "values", "float32", "error", "it ends in IndexError: batch of more than one"),
        ("exception in backward", "accumulates", "float32", "error", "it ends in KeyError"),
        ("segmentation fault", "values", "float32", "error", "it was ended by signal 11"),
        ("memory read in order", "layouts", "float32", "output", "output is wrong"),
        ("overwritten", "accumulates", "float32", "dweight", "dweight is wrong"),
        ("not cleared", "accumulates", "float32", "dbias cleared", "dbias cleared is wrong"),
        ("input changed", "leaves-alone", "float32", "input 0", "input 0 is wrong"),
    ],
)
def test_every_kind_of_fault_has_a_script(
    tmp_path: Path, fault: str, check: str, dtype: str, quantity: str, said: str
) -> None:
    source, out = library(tmp_path, fault), tmp_path / "out"
    script = out / f"Linear-{quantity.replace(' ', '-')}.py"
    apart = Isolated(str(source), Limits(cell_seconds=30.0)) if fault in APART else None
    lines = asked(source, out, check=check, dtype=dtype, subject=apart)
    if apart is not None:
        apart.end()
    assert f"smallest case: python {script}" in lines
    assert said in proof.FORKED.ask(script, [], Limits()).words
    assert len(script.read_text(encoding="utf-8")) < 4000  # it was shrunk
    library(tmp_path, "")
    assert proof.FORKED.ask(script, [], Limits()) == proof.ScriptEnd("exit", "0")


@pytest.mark.parametrize(
    ("module", "regime", "dtype"),
    [("ReLU", "ties", "float16"), ("GELU", "not-finite", "bfloat16"), ("BCELoss", "not-finite", "float16")],
)
def test_where_more_than_one_number_is_right_the_script_says_so(
    tmp_path: Path, module: str, regime: str, dtype: str
) -> None:
    source, page = faulty(tmp_path, -1), pages()[module]
    trial = Trial(Cell(page, page.cases[0], dtype=dtype, regime=regime), load(str(source)))
    script = tmp_path / "out" / f"{module}-dx.py"
    assert shown(trial, failed(trial), str(source), script.parent) == [f"smallest case: python {script}"]
    assert ("low, high" in script.read_text(encoding="utf-8")) == (regime == "not-finite")
    faulty(tmp_path, 1)
    assert proof.FORKED.ask(script, [], Limits()) == proof.ScriptEnd("exit", "0")


@pytest.mark.parametrize("fault", ["dX of stride with padding", "dX right for H >= W", "dW of stride, transposed"])
def test_the_options_that_a_fault_needs_are_kept(tmp_path: Path, fault: str) -> None:
    source, out, (module, quantity, _) = tmp_path / "restricted.py", tmp_path / "out", FAULTS[fault]
    made = "subject = Restricted(LIBRARIES['never a bias'], FAULTS[{!r}] if FAULTY else None)\n"
    text = f"from tests.subjects.restricted import FAULTS, LIBRARIES, Restricted\n{made.format(fault)}"
    source.write_text(f"FAULTY = True\n{text}", encoding="utf-8")
    case = Case("wide", x=(3, 4, 7, 9), options=dict(OPTIONS))
    trial = Trial(Cell(pages()[module], case), load(str(source)))
    records, script = failed(trial), out / f"{module}-{quantity}.py"
    assert f"smallest case: python {script}" in shown(trial, records, str(source), out)
    assert elements(smallest(trial, quantity)) <= 40
    source.write_text(f"FAULTY = False\n{text}", encoding="utf-8")
    assert proof.FORKED.ask(script, [], Limits()) == proof.ScriptEnd("exit", "0")


@pytest.mark.parametrize(
    ("fault", "quantity", "why"),
    [
        ("late", "dweight", "in a process of its own it says that all is right"),
        ("end of the process", "error", "in a process of its own it ended with status 0"),
    ],
)
def test_a_script_that_would_mislead_is_not_kept(tmp_path: Path, fault: str, quantity: str, why: str) -> None:
    source, out, page = library(tmp_path, fault), tmp_path / "out", pages()["Linear"]
    subject = Isolated(str(source), Limits(cell_seconds=30.0))
    trial = Trial(Cell(page, page.cases[0], check="values"), subject)
    for _ in range(3):  # after which the one that is wrong late is wrong
        records = failed(trial)
    lines = shown(trial, records, str(source), out)
    subject.end()
    assert f"no smallest case of {quantity}: {why}" in lines
    assert list(out.glob("*.py")) == list(out.glob("*.partial")) == []


def test_a_script_that_accuses_what_is_right_is_not_kept(tmp_path: Path) -> None:
    source = library(tmp_path, "sign")
    script = tmp_path / "script.py"
    script.write_text("import sys\nsys.exit('dx is wrong')\n", encoding="utf-8")
    found = proof.doubt(script, "dx", "value", Limits())
    assert found == "with framework in place of the library dx is wrong"
    asked(source, tmp_path / "out")
    assert proof.doubt(tmp_path / "out" / "Linear-dweight.py", "dweight", "value", Limits()) == ""


def test_a_script_that_hangs_is_stopped_at_the_limit_of_a_cell(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import time\ntime.sleep(100)\n", encoding="utf-8")
    words = "in a process of its own it took more than 0.5 s"
    assert proof.doubt(script, "dx", "value", Limits(cell_seconds=0.5)) == words
    script.write_text("held = bytearray(2**29)\nheld[::4096] = b'1' * 2**17\nwhile True: pass\n", encoding="utf-8")
    words = "in a process of its own it held more than 0.5 GiB of memory"
    assert proof.doubt(script, "dx", "value", Limits(cell_seconds=20.0, memory_gib=0.5)) == words


def test_each_script_is_written_once_and_those_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    source, page, out = faulty(tmp_path, -1), pages()["Linear"], tmp_path / "minimal"
    trial = Trial(Cell(page, page.cases[0]), load(str(source)))
    by_name = {record.quantity: record for record in failed(trial)}
    first = shown(trial, [by_name["dweight"]], str(source), out)
    script = out / "Linear-dweight.py"
    stamp = script.stat().st_mtime_ns
    assert shown(trial, [by_name["dweight"]], str(source), out) == first == [f"smallest case: python {script}"]
    assert script.stat().st_mtime_ns == stamp
    shown(trial, [by_name["dbias"]], str(source), out, run="another")
    assert [path.name for path in out.glob("*.py")] == ["Linear-dbias.py"]


def test_where_no_call_shows_it_a_few_cells_are_asked_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, page, out = faulty(tmp_path, 1), pages()["Linear"], tmp_path / "minimal"
    trial, builds = Trial(Cell(page, page.cases[0]), load(str(source))), []
    record = trial.claim("dweight", False, "it is wrong").record
    monkeypatch.setattr(shrink, "find", None)  # nothing is searched
    monkeypatch.setattr(Trial, "build", lambda self, build=Trial.build: builds.append(1) or build(self))
    line = "no smallest case of dweight: it does not show in calls that a script can make"
    counts = []
    for _ in range(5):
        assert shown(trial, [record], str(source), out) == [line]
        counts.append(len(builds))
    assert counts[0] < counts[1] < counts[2] == counts[3] == counts[4]


def test_where_the_folder_takes_no_file_the_cell_is_judged_without(tmp_path: Path) -> None:
    source, page = faulty(tmp_path, -1), pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), load(str(source)))
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert shown(trial, failed(trial), str(source), tmp_path / "file" / "minimal") == []


def test_a_search_counts_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = pages()["Conv2d"]
    trial = Trial(Cell(page, page.cases[0]), load(str(faulty(tmp_path, -1))))
    sizes = []
    for steps in (0, 1, 300):
        monkeypatch.setattr(shrink, "STEPS", steps)
        sizes.append(elements(smallest(trial, "dx")))
    assert sizes[0] == elements(trial) > sizes[1] >= sizes[2]


def test_a_crash_is_tried_a_few_times_only() -> None:
    page, tries = pages()["Linear"], []

    class Crashing(CalledWith):
        def faults(self, trial: Trial) -> dict[str, str]:
            tries.append(trial)
            return {"error": STOPPED}

    smallest(Trial(Cell(page, page.cases[0]), load("framework")), "error", Crashing())
    assert len(tries) <= shrink.STEPS_OF_CRASHES + 1


def test_a_fault_is_not_exchanged_for_one_of_another_kind() -> None:
    page = pages()["Linear"]

    class Both(CalledWith):
        def faults(self, trial: Trial) -> dict[str, str]:
            return {"dx": "value" if trial.cell.case.x[0] > 1 else "structure"}

    found = smallest(Trial(Cell(page, page.cases[0]), load("framework")), "dx", Both())
    assert found.cell.case.x[0] == 2


def test_the_plainest_call_of_what_is_right_shows_nothing() -> None:
    page = pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), load("framework"))
    assert (
        PLAIN.faults(trial) == CalledWith(rounds=2).faults(trial) == CalledWith("strided", "offset").faults(trial) == {}
    )
