"""A user adds pages to the catalogue, and everything follows from them; docs/pages.md is run as it is written."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from parity import catalogue
from parity.catalogue import added, page_of, pages, written
from parity.catalogue.added.making import TARGETS
from parity.catalogue.page import Case, Page
from parity.contract import CHECKS, checks_of
from parity.run import manifest
from parity.run.planning import add_pages
from parity.subjects import load
from parity.subjects.adapters import Library, Miswritten
from parity.verdict.cell import Cell
from parity.verdict.draw import draw
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from perf.bench.contest import contest
from perf.bench.rows import quick, rows
from reports.lines import read
from tests import started

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
PAGES, ADAPTER = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
COMMANDS = re.findall(r"^python -m parity .*", DOCUMENT, re.MULTILINE)
HEAD = "import torch\nfrom parity.catalogue import page_of\n"
NAMES = ("Swish", "Scale", "LogCosh")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the library, the pages and the adapter of the document."""
    for path in Path(__file__).parent.glob("mylib*.py"):
        shutil.copy(path, tmp_path)
    (tmp_path / "mylib_pages.py").write_text(PAGES, encoding="utf-8")
    (tmp_path / "mylib_adapter.py").write_text(ADAPTER, encoding="utf-8")
    return tmp_path


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins and ends with the catalogue of the suite alone."""
    monkeypatch.setenv(added.VARIABLE, "")
    yield
    monkeypatch.undo()
    for kept in (written, pages):
        kept.cache_clear()


def command(line: str, *words: str) -> list[str]:
    """Return a command of the document, with more words, as Python takes it."""
    called, *rest = line.split()
    assert called == "python"
    return [*rest, *words]


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the suite in a folder of the user's."""
    return started.run(words, cwd=folder)


def narrowly(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the values of a case in one dtype, by the command of the document."""
    whole, _, _ = COMMANDS[1].rpartition(" --module")
    return run(folder, *command(whole, *words, "--check", "values", "--dtype", "float64", "--out", "out", "-n", "0"))


def test_the_doctor_of_the_document_finds_the_modules(folder: Path) -> None:
    done = run(folder, *command(COMMANDS[0], "--module", ",".join(NAMES)))
    assert done.returncode == 0, done.stderr
    assert "Swish: 10 cells run, none fails" in done.stdout
    assert "Scale: 4 cells run, none fails" in done.stdout
    assert "not offered: LogCosh" in done.stdout
    assert f"PAGES={folder / 'mylib_pages.py'}" in done.stdout


def test_the_run_of_the_document_passes_and_nothing_is_called_a_shortfall(folder: Path) -> None:
    done = run(folder, *command(COMMANDS[1], "--out", "out", "-n", "2", "--fail-on", "numbers,behaviour,conventions"))
    assert done.returncode == 0, done.stdout[-3000:]
    assert "2 of 87 modules of the catalogue were compared" in done.stdout
    head, *records = read(folder / "out" / "parity.jsonl")
    assert head["pages"] == [str(folder / "mylib_pages.py")]
    judged = {(record["module"], record["quantity"]) for record in records if record["verdict"] == "pass"}
    assert judged >= {("Swish", "output"), ("Swish", "dx"), ("Scale", "dweight")}
    assert not [record for record in records if record["verdict"] in ("fail", "error")]
    add_pages([str(folder / "mylib_pages.py")])
    tried = {name: pages()[name] for name in ("Swish", "Scale")}
    of_parity = [record for record in records if record["kind"] == "parity"]
    asked = checks_of(load(str(folder / "mylib_adapter.py")))
    assert manifest.shortfall(of_parity, ["cpu"], tried, checks=asked) == []
    lost = [record for record in of_parity if (record["module"], record["case"]) != ("Scale", "another batch")]
    assert [said[:13] for said in manifest.shortfall(lost, ["cpu"], tried, checks=asked)] == ["Scale on cpu:"]


def test_a_planted_slip_is_found_named_and_shown_by_a_script(folder: Path, tmp_path_factory: Any) -> None:
    library = (folder / "mylib_functions.py").read_text(encoding="utf-8")
    slip = library.replace("return dy * (s + ctx.slope", "return dy * (s + 2 * ctx.slope")
    assert slip != library
    (folder / "mylib_functions.py").write_text(slip, encoding="utf-8")
    words = (
        "--module",
        "Swish",
        "--case",
        "slope 0.5",
        "--check",
        "values",
        "--dtype",
        "float64",
        "--out",
        "out",
        "-n",
        "0",
    )
    done = run(folder, *command(COMMANDS[1].rpartition(" --module")[0], *words))
    assert done.returncode == 1
    assert f"--pages {folder / 'mylib_pages.py'}" in done.stdout  # of the command that asks again
    _, *records = read(folder / "out" / "parity.jsonl")
    assert {record["quantity"] for record in records if record["verdict"] == "fail"} == {"dx"}
    script = folder / "out" / "minimal" / "Swish-dx.py"
    assert script.is_file(), done.stdout[-2000:]
    again = started.run([script], cwd=tmp_path_factory.mktemp("elsewhere"))
    assert again.returncode == 1
    assert "dx is wrong" in again.stderr


def test_a_page_of_the_document_is_as_it_says(folder: Path) -> None:
    add_pages([str(folder / "mylib_pages.py")])
    swish, scale, log_cosh = (written()[name] for name in NAMES)
    assert [case.name for case in pages()["Swish"].cases[:3]] == ["plain", "slope 0.5", "x 7x5"]
    assert {case.name for case in swish.cases} == {"another batch", "large batch", "photographs"}
    assert [len(set(case.x)) == len(case.x) for case in scale.cases] == [True, True]
    assert log_cosh.is_loss
    assert not scale.is_loss
    assert swish.source == "mylib_pages.py, line 23"
    assert [(refusal.name, refusal.stricter) for refusal in swish.refusals] == [
        ("integers", True),
        ("not a tensor", False),
    ]
    assert {cell.check for cell in cells(pages()["Scale"], CHECKS.values(), ["cpu"], 0)} >= {"values", "accumulates"}


def test_its_rows_are_timed(folder: Path) -> None:
    before = len(quick(rows(["cpu"])))
    add_pages([str(folder / "mylib_pages.py")])
    own = [row for row in rows(["cpu"]) if row.module == "Swish"]
    assert len(own) == 6  # two sizes in three modes
    assert len(quick(rows(["cpu"]))) == before + len(NAMES)
    subject = load(str(folder / "mylib_adapter.py"))
    made = contest(own[0])
    assert made.parity(subject).passes
    assert made.screened(made.subject_side(subject), made.reference_side()) == ""


def test_the_manifest_counts_the_suites_own_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pages([str(folder / "mylib_pages.py")])
    own = {name: page for name, page in pages().items() if name in ("Swish", "ReLU")}
    monkeypatch.setattr(manifest, "pages", lambda: own)
    monkeypatch.setattr(manifest, "operators", dict)
    monkeypatch.setattr(manifest, "optimisers", dict)
    assert list(manifest.planned()) == ["ReLU"]


def test_a_quantity_that_proves_nothing_far_out_is_no_fault_of_an_added_page(tmp_path: Path) -> None:
    source = tmp_path / "flat_pages.py"
    source.write_text(
        HEAD + "PAGES = [page_of(lambda x: torch.exp(-x * x), 'Bell', x=(5, 7)),\n"
        "    page_of(lambda x: 0 * x, 'Zero', x=(5, 7))]\n",
        encoding="utf-8",
    )
    catalogue.add([str(source)])
    subject = load("torch_nn")
    verdicts = {}
    for module, regime in (("Bell", "huge"), ("Bell", "normal"), ("Zero", "normal")):
        page = pages()[module]
        found = CHECKS["values"].records(Trial(Cell(page, page.cases[0], "values", regime=regime), subject))
        said = {record.quantity: record.detail for record in found}
        verdicts[module, regime] = {record.quantity: record.verdict for record in found}
    assert verdicts["Bell", "huge"]["dx"] == "unsupported"
    assert verdicts["Bell", "normal"]["dx"] == "same-route"
    assert verdicts["Zero", "normal"]["dx"] == "error"
    assert 'degenerate={"* dx": "why"}' in said["dx"]


def two(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return a * b, a + b


def test_several_inputs_and_outputs_are_named() -> None:
    page = page_of(two, x=(5, 3), outputs=("output", "sum"))
    assert [entry.name for entry in page.signature.inputs] == ["a", "b"]
    drawn = draw(Cell(page, page.cases[0], dtype="float64"))
    assert [tuple(value.shape) for value in drawn.inputs] == [(4, 3), (4, 3)]
    assert len(drawn.cotangents) == 2


class FirstAlone(torch.nn.MSELoss):
    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        del target
        return input**2


def test_the_targets_are_those_that_can_be_drawn() -> None:
    for kind in TARGETS:
        page = Page("Loss", FirstAlone, (Case("plain", (6, 5), {"reduction": "none"}, target=kind),))
        assert draw(Cell(page, page.cases[0], dtype="float64")).inputs[1].numel()
    stated = re.search(r"second input is drawn: (.*?) \|", DOCUMENT)
    assert stated
    assert tuple(re.findall(r"`([a-z-]+)`", stated[1])) == TARGETS


def test_a_command_says_it_in_one_line(folder: Path) -> None:
    (folder / "mylib_pages.py").write_text(HEAD + "PAGES = [page_of(torch.nn.Mish)]\n", encoding="utf-8")
    for line in COMMANDS:
        done = run(folder, *command(line))
        assert done.returncode in (2, 4)
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        assert len(said) == 1, said
        assert "mylib_pages.py, line 3: the catalogue has a page of Mish already" in said[0]


def test_several_files_may_be_named_and_one_that_holds_a_blank(folder: Path) -> None:
    other = folder / "their pages.py"
    other.write_text(HEAD + "PAGE = page_of(torch.sinh, 'Sinh')\n", encoding="utf-8")
    catalogue.add([f"{folder / 'mylib_pages.py'}", str(other)])
    assert {*NAMES, "Sinh"} <= set(pages())
    catalogue.add([f"{folder / 'mylib_pages.py'} '{other}'"])
    assert {*NAMES, "Sinh"} <= set(pages())
    catalogue.add([str(other)])
    assert "Swish" not in pages()
    assert written()["Sinh"].source == "their pages.py, line 3"


def test_an_adapter_that_names_a_module_of_its_own_is_told_of_pages() -> None:
    for name in ("Swoosh", "Mush"):  # which is near to Mish
        with pytest.raises(Miswritten, match=f"'{name}', which is none.*--pages names a file with a page of it"):
            Library("mine", {name: lambda: None})


def test_what_a_run_leaves_can_be_read_as_json(folder: Path) -> None:
    done = narrowly(folder, "--module", "Scale", "--case", "plain")
    assert done.returncode == 0, done.stdout
    lines = (folder / "out" / "parity.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line) for line in lines)
    assert "--pages" in (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert sys.modules  # the judge has imported no library
    assert "mylib" not in sys.modules or sys.modules["mylib"].__file__ != str(folder / "mylib.py")
