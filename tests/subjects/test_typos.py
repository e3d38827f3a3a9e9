"""A typo in an adapter is one sentence, said once: its line, what was looked for, and the nearest name."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.run.session import Selection
from parity.run.tested import Told, try_all
from parity.subjects import load
from reports.lines import read
from tests import started
from tests.subjects import tiny_libraries

ROOT = Path(__file__).parents[2]

MODULES = ("Linear", "ReLU", "MSELoss")
NUMPY, TORCH = tiny_libraries.TINYNP_ADAPTER, tiny_libraries.TINYTORCH_ADAPTER
# adapter, what is written, what is written by mistake, what the sentence must hold
TYPOS = {
    "a module's name": (NUMPY, '"Linear": lambda', '"Liner": lambda', ("'Liner'", "did you mean Linear?")),
    "a class": (NUMPY, "tinynp.Dense(", "tinynp.Dens(", ("no attribute 'Dens'", "did you mean Dense?")),
    "a class, at import": (NUMPY, "tinynp.Relu", "tinynp.ReLu", ("no attribute 'ReLu'", "did you mean Relu?")),
    "a function": (NUMPY, "tinynp.dmse", "tinynp.dmes", ("no attribute 'dmes'", "did you mean dmse?")),
    "an option": (NUMPY, "in_features, out", "in_feature, out", ("takes in_feature,", "did you mean in_features?")),
    "a gradient": (NUMPY, '"dW"', '"dw"', ("gradient of weight", "Dense has no dw", "did you mean dW?")),
    "a value": (NUMPY, '("b", "db")', '("bias", "db")', ("value of bias", "Dense has no bias", "it has W, b, dW, db")),
    "a parameter": (NUMPY, "weight=(", "wieght=(", ("where weight is", "did you mean wieght?")),
    "a tensor of layouts": (NUMPY, '{"weight": TR', '{"wieght": TR', ("'wieght'", "did you mean weight?")),
    "a module of layouts": (NUMPY, '{"weight": TR', '{"Lineer.weight": TR', ("'Lineer'", "did you mean Linear?")),
    "no layout": (NUMPY, 'layouts={"weight": TRANSPOSED},', "", ("(7, 4)", '{"Linear.weight": TRANSPOSED}')),
    "a module in other capitals": (NUMPY, '"ReLU":', '"Relu":', ("names a module 'Relu'", "did you mean ReLU?")),
    "a module that there is not": (NUMPY, '"ReLU":', '"Xyzzy":', ("'Xyzzy'", "of the", "that there are")),
    "an option that has a default": (
        NUMPY,
        "in_features, out_features:",
        "in_features, out_features, bais=True:",
        ("takes bais,", "did you mean bias?"),
    ),
    "an argument": (
        NUMPY,
        "clear=",
        "claer=",
        ("keyword argument 'claer'", "did you mean clear?"),
    ),
    "two modules": (
        NUMPY,
        '"ReLU": tinynp.Relu,\n        "MSELoss"',
        '"ReLu": tinynp.Relu,\n        "MSELos"',
        ("'ReLu', which is none; did you mean ReLU?; and ", "'MSELos', which is none; did you mean MSELoss?"),
    ),
    "no tuple": (NUMPY, '"rank": (2,)', '"rank": 2', ("rank must be a type or several values, (2,), was 2",)),
    "a word alone": (
        NUMPY,
        "only={",
        'only={"MSELoss": {"reduction": "mean"}, ',
        ("reduction must be a type or several values",),
    ),
    "a word of only": (
        NUMPY,
        "only={",
        'only={"MSELoss": {"reduction": ("maen",)}, ',
        ("value of reduction of MSELoss, 'maen'", "did you mean mean?"),
    ),
    "a kind of target": (
        NUMPY,
        "only={",
        'only={"CrossEntropyLoss": {"targets": ("clases",)}, ',
        ("target of CrossEntropyLoss, 'clases'", "did you mean classes?"),
    ),
    "a buffer": (
        NUMPY,
        "arrays=NUMPY,",
        'arrays=NUMPY, buffers={"runing_mean": "m"},',
        ("'runing_mean'", "did you mean running_mean?"),
    ),
    "a dtype": (NUMPY, "arrays=NUMPY,", 'arrays=NUMPY.only("float46"),', ("'float46'", "did you mean float64?")),
    "a tensor of one entry's layouts": (
        NUMPY,
        '"ReLU": tinynp.Relu',
        '"ReLU": (tinynp.Relu, Convention(layouts={"wieght": TRANSPOSED}))',
        ("'wieght'", "did you mean weight?"),
    ),
    "the method that clears": (NUMPY, '"zero_grad"', '"zero_grads"', ("no zero_grads", "did you mean zero_grad?")),
    "a method": (NUMPY, "layer.forward(x)", "layer.forwrd(x)", ("no attribute 'forwrd'", "did you mean forward?")),
    "an argument too many": (NUMPY, "layer.backward(dy)", "layer.backward(dy, x)", ("takes 2 positional arguments",)),
    "an option of only": (NUMPY, '"rank"', '"rnak"', ("option of Linear, 'rnak'", "did you mean rank?")),
    "a module of only": (NUMPY, 'only={"Linear"', 'only={"Linaer"', ("'Linaer'", "did you mean Linear?")),
    "an import": (NUMPY, "import NUMPY", "import NUMPI", ("cannot import name 'NUMPI'", "did you mean NUMPY?")),
    "the library": (NUMPY, "import tinynp", "import tinypn", ("No module named 'tinypn'", "did you mean tinynp?")),
    "a library elsewhere": (
        NUMPY,
        "import tinynp",
        "import some_library",
        ("No module named 'some_library'; it is looked for beside the adapter",),
    ),
    "the variable": (NUMPY, "subject =", "subjct =", ("variable named subject", "did you mean subjct?")),
    "a name": (NUMPY, "tinynp.Dense(in_features", "tinynp.Dense(in_feature", ("'in_feature'", "mean in_features?")),
    "an unclosed bracket": (NUMPY, "arrays=NUMPY,", "arrays=(NUMPY,", ("SyntaxError", "line")),
    "no arrays": (NUMPY, "arrays=NUMPY,", "", ("weight must be an array", "Convention(arrays=NUMPY)")),
    "the list": (TORCH, 'objects("parameters"', 'objects("parms"', ("Dense has no parms", "looked for at parms")),
    "the value": (TORCH, '"data"', '"dat"', ("Parameter has no dat", "did you mean data?")),
    "the gradient": (TORCH, '"grad"', '"grads"', ("Parameter has no grads", "did you mean grad?")),
    "pairs": (
        TORCH,
        'objects("parameters", value="data", grad="grad")',
        "pairs()",
        ("'pairs' is not defined; import it",),
    ),
    "no gradient method": (
        TORCH,
        "loss_layer(tinytorch.Loss)",
        "lambda: tinytorch.Loss()",
        ("no attribute 'forward'",),
    ),
}


ELSEWHERE = ("the variable", "an unclosed bracket")  # the line is not that of what was changed


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with the libraries, which are forgotten afterwards."""
    tiny_libraries.write(tmp_path)
    path = list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in ("tinynp", "tinytorch", "subject_adapter"):
        sys.modules.pop(name, None)


def sentences(folder: Path, source: str) -> list[str]:
    """Return what is said of the adapter's mistakes before a run, each once."""
    path = folder / "adapter.py"
    path.write_text(source, encoding="utf-8")
    told = Told()
    try:
        subject = load(str(path))
    except ValueError as error:
        return [str(error)]
    try_all(subject, [pages()[name] for name in MODULES], told)
    return Selection(MODULES, "all", "all", "all", ["cpu"], 0, pages(), told.mistaken).faults()


@pytest.mark.parametrize("adapter", [NUMPY, TORCH], ids=["numpy", "torch"])
def test_a_right_adapter_is_not_accused(folder: Path, adapter: str) -> None:
    assert sentences(folder, adapter) == []


@pytest.mark.parametrize("name", TYPOS)
def test_a_typo_is_one_sentence(folder: Path, name: str) -> None:
    adapter, right, wrong, words = TYPOS[name]
    assert right in adapter
    said = sentences(folder, adapter.replace(right, wrong, 1))
    assert len(said) == 1, said
    assert all(word in said[0] for word in words), said
    assert "\n" not in said[0]


@pytest.mark.parametrize("name", [name for name in TYPOS if name not in ELSEWHERE])
def test_it_names_the_line(folder: Path, name: str) -> None:
    adapter, right, wrong, _ = TYPOS[name]
    source = adapter.replace(right, wrong, 1)
    (said,) = sentences(folder, source)
    lines = [int(number) for number in re.findall(r"line (\d+)", said)]
    assert lines
    at = source[: adapter.index(right)].count("\n") + 1
    assert lines[0] in (at, *([] if wrong else range(at - 12, at + 2))), (said, at)


def suite(folder: Path, source: str, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "adapter.py").write_text(source, encoding="utf-8")
    command = ["-m", "pytest", "parity/test_parity.py", "-q", "-p", "no:cacheprovider", "-n", "0"]
    options = ["--subject", str(folder / "adapter.py"), "--out", str(folder), "--dtype", "float32", *words]
    return started.run([*command, *options])


def test_a_run_says_it_once_and_goes_on_with_the_other_modules(folder: Path) -> None:
    done = suite(folder, NUMPY.replace('"dW"', '"dw"'), "--module", "Linear,ReLU", "--check", "values")
    assert done.returncode == 1
    said = "adapter.py, line 16: the gradient of weight is looked for at dw, but Dense has no dw; did you mean dW?"
    page = (folder / "parity.md").read_text(encoding="utf-8")
    assert page.count(said[:60]) <= 3  # where the page says what is not as planned, in its header and in its list
    assert "NOT AS PLANNED" in page
    head, *records = read(folder / "parity.jsonl")
    assert [fault for fault in head["faults"] if said in fault]
    assert {record["module"] for record in records} == {"ReLU"}
    assert "FAILED the adapter is wrong: " in done.stdout
    assert "FAILED parity" not in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "unread"),
    [
        ("return dy @ self.W.T", "dy @ self.W.T", "dx"),
        ("self.db += d.sum(0)", "pass", "dbias"),
    ],
    ids=["backward returns None", "no db"],
)
def test_what_a_library_does_not_give_hides_nothing_else(folder: Path, right: str, wrong: str, unread: str) -> None:
    library = (folder / "tinynp.py").read_text(encoding="utf-8")
    assert right in library
    (folder / "tinynp.py").write_text(library.replace(right, wrong), encoding="utf-8")
    done = suite(folder, NUMPY, "--module", "Linear", "--case", "plain", "--check", "values")
    assert done.returncode == 1
    verdicts = {record["quantity"]: record["verdict"] for record in [*read(folder / "parity.jsonl")][1:]}
    assert verdicts["output"] in ("pass", "same-route")
    assert verdicts["dweight"] in ("pass", "same-route")
    assert verdicts[unread] in ("fail", "error")


def test_a_run_of_nothing_else_does_not_start(folder: Path) -> None:
    done = suite(folder, NUMPY.replace('"dW"', '"dw"'), "--module", "Linear")
    assert done.returncode == 4
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert len(lines) == 1
    assert "the adapter is wrong: adapter.py, line 16: " in lines[0]


def test_processes_that_run_beside_each_other_leave_out_the_same(folder: Path) -> None:
    words = "--module", "Linear,ReLU", "--check", "values", "-n", "2"
    done = suite(folder, NUMPY.replace('"dW"', '"dw"'), *words)
    assert done.returncode == 1
    assert {record["module"] for record in [*read(folder / "parity.jsonl")][1:]} == {"ReLU"}


def test_a_library_that_lies_elsewhere_is_found_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text("import only_here_tinynp\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", sys.path[:])
    beside = f"it is looked for beside the adapter, in {tmp_path}, and among what is installed"
    with pytest.raises(ValueError, match=re.escape(beside)):
        load(str(adapter))
    source = tmp_path / "src"
    source.mkdir()
    (source / "only_here_tinynp.py").write_text("", encoding="utf-8")
    hint = f"only_here_tinynp lies in {source}: put the adapter there, or set PYTHONPATH={source}"
    with pytest.raises(ValueError, match=re.escape(hint)):
        load(str(adapter))
