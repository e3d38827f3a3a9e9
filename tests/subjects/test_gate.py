"""What makes a run fail: numbers and behaviour, conventions where they are named, and what was required and not met."""

import re
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import torch

from parity.__main__ import main
from parity.contract import CHECKS
from parity.run import tested
from parity.run.gate.aspects import aspects_of
from parity.run.gate.demands import required_of
from parity.run.session import Selection
from parity.stepping import CHECKS as OF_OPTIMISERS
from parity.subjects import load
from parity.subjects.inventory import inventory, named_in
from reports.lines import read
from reports.record import ASPECTS
from tests import started

GATED = str(Path(__file__).with_name("gated.py"))
TANH = "--module", "Tanh", "--check", "values", "--dtype", "float32"


def run(out: Path, *words: str) -> "CompletedProcess[str]":
    options = ["--subject", GATED, "--out", str(out), "-q", "-p", "no:cacheprovider"]
    return started.run(["-m", "parity", "parity", *options, *words])


def test_every_check_says_what_its_failures_say_is_wrong() -> None:
    assert {check.aspect for check in CHECKS.values()} == {*ASPECTS}
    assert {check.aspect for check in OF_OPTIMISERS.values()} <= {*ASPECTS}


def test_a_convention_is_told_and_fails_no_run(tmp_path: Path) -> None:
    done = run(tmp_path, *TANH, "--junitxml", str(tmp_path / "junit.xml"))
    assert done.returncode == 0, done.stdout
    assert "2 quantities differ in conventions alone, which --fail-on does not name: Tanh values" in done.stdout
    failed = [record for record in read(tmp_path / "parity.jsonl") if record.get("verdict") == "fail"]
    assert {(record["quantity"], record["aspect"]) for record in failed} == {
        ("output", "conventions"),
        ("dx", "conventions"),
    }
    page = (tmp_path / "parity.md").read_text(encoding="utf-8")
    assert "2 quantities more differ in conventions alone, which does not fail this run, in: Tanh output" in page
    assert "No module is right. Right, but: Tanh (values of not-finite input)." in page
    assert "| Tanh     | ✓ pass    | –           | ≠ differs     |" in page
    (told,) = ElementTree.parse(tmp_path / "junit.xml").iter("skipped")
    assert told.get("type") == "pytest.xfail"
    assert "differ in being finite" in str(told.get("message"))


def test_a_convention_that_is_named_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, "--module", "Tanh", "--check", "refuses", "--fail-on", "conventions")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "FAIL** in: Tanh refuses." in (tmp_path / "parity.md").read_text(encoding="utf-8")


def test_what_is_required_must_be_compared(tmp_path: Path) -> None:
    words = "--module", "Tanh,GELU,Softmax", "--case", "image", "--check", "accumulates"
    done = run(tmp_path, *words, "--require", "GELU,Softmax", "--require", "Tanh", "--at-least", "1000")
    assert done.returncode == 1
    no_number = "of gated is required, but no number of it was compared:"
    assert f"FAILED Softmax {no_number} no cell of its numbers ran" in done.stdout
    assert f"FAILED GELU {no_number} unsupported: it has no error function" in done.stdout
    assert f"FAILED Tanh {no_number} no cell of its numbers ran" in done.stdout
    assert "quantities of gated were compared, but --at-least asks for 1,000" in done.stdout
    page = (tmp_path / "parity.md").read_text(encoding="utf-8")
    assert "**NOT AS PLANNED**: GELU of gated is required, but" in page


def test_all_is_what_the_adapter_names_of_what_is_selected(tmp_path: Path) -> None:
    words = "--case", "image", "--dtype", "float64", "--check", "values", "--require", "all"
    assert run(tmp_path, "--module", "Tanh,Softmax", *words).returncode == 0
    done = run(tmp_path, "--module", "Tanh,GELU", *words)
    assert done.returncode == 1
    assert "FAILED GELU of gated is required" in done.stdout
    assert "Linear of gated" not in done.stdout


def asked(word: str, *modules: str) -> tested.Tested:
    """Return a subject with the plain cells of modules selected."""
    selected = partial(Selection.of, modules, "all", "values", "float32", ["cpu"], 0)
    return tested.asked_one(word, load(word), lambda *offered: selected(*offered), modules, None)


@pytest.mark.parametrize(
    ("require", "said"),
    [
        (["SoftMax,Tahn"], "was 'SoftMax'; did you mean Softmax? and 'Tahn'; did you mean Tanh?"),
        ([","], "--require must name a module, was ','"),
        (["Tanh GELU"], "--require names GELU, which --module leaves out"),
    ],
)
def test_a_demand_that_cannot_be_met_is_no_run(require: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        required_of(require, asked(GATED, "Tanh"))


def test_a_subject_that_does_not_say_what_it_has_cannot_be_held_to_all_of_it() -> None:
    with pytest.raises(ValueError, match="subject torch_nn does not say what it has"):
        required_of(["all"], asked("torch_nn", "Tanh"))
    assert required_of(["all"], asked("framework", "Tanh")) == ["Tanh"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("number", "was 'number'; did you mean numbers?"),
        ("", "must name one or more of numbers, behaviour, conventions"),
    ],
)
def test_what_fails_a_run_is_one_of_three(words: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        aspects_of(words)
    assert aspects_of("behaviour numbers") == ("numbers", "behaviour")


def test_a_typo_of_the_gate_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--module", "Tanh", "--require", "Tahn")
    assert done.returncode == 2
    assert "was 'Tahn'; did you mean Tanh?" in done.stderr


def test_a_class_that_is_in_no_table_is_named(tmp_path: Path) -> None:
    assert inventory(load(GATED))["unnamed"] == ["Swish2"]
    assert inventory(load("framework")) == {"unnamed": [], "packages": []}
    done = run(tmp_path, *TANH, "--case", "image")
    said = (
        "1 of 84 modules of the catalogue was compared; 1 class of the library is in no table of the adapter: Swish2."
    )
    assert said in done.stdout
    assert said in (tmp_path / "parity.md").read_text(encoding="utf-8")


def test_the_doctor_names_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--subject", GATED, "--module", "Tanh"]) == 0
    assert "  in no table of the adapter, but like layers: Swish2\n" in capsys.readouterr().out


def test_the_papers_tables_are_no_test_of_another_library(tmp_path: Path) -> None:
    done = run(tmp_path, "--module", "Tanh", "--dtype", "float64", "--case", "image", "--runs", "2")
    assert done.returncode == 0, done.stdout
    assert {record["kind"] for record in read(tmp_path / "parity.jsonl")} == {"run", "parity", "audit"}
    both = ["parity/test_papers.py", "--collect-only", "-q", "--module", "Tanh", "--subject", f"framework {GATED}"]
    listed = started.run(["-m", "pytest", *both, "--out", str(tmp_path)]).stdout
    assert "test_paper_004[framework-cpu-ReLU]" in listed
    assert "gated" not in listed


def test_what_a_function_names_is_found_once() -> None:
    """`torch.torch` is torch itself: whoever follows it anew each time never ends."""

    def made() -> torch.Tensor:
        return torch.torch.zeros(1)  # type: ignore[attr-defined,no-any-return]

    assert sum(one is torch for one in named_in(made.__code__, {"torch": torch})) == 1
