"""new-adapter and doctor, as their user meets them."""

import re
from pathlib import Path

import pytest

from parity.__main__ import main
from parity.catalogue import pages as every_page
from parity.run import doctor, new_adapter
from parity.run.examined import Examination
from parity.subjects.process import Limits
from tests.subjects import tiny_libraries

ROOT = Path(__file__).parents[2]
LIBRARY = """
import torch

class Linear:
    def __init__(self, inputs, outputs):
        self.w, self.b = torch.zeros(outputs, inputs), torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)
    def forward(self, x):
        self.x = x
        return x @ self.w.T + self.b
    def backward(self, dy):
        dy2, x2 = dy.reshape(-1, dy.shape[-1]), self.x.reshape(-1, self.x.shape[-1])
        self.dw += dy2.T @ x2
        self.db += dy2.sum(0)
        return dy @ self.w
    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]

class ReLU:
    def forward(self, x):
        self.x = x
        return x.clamp(min=0)
    def backward(self, dy):
        return dy * (self.x > 0)
    def param(self):
        return []

class Sequential:
    def __init__(self, *layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy
    def param(self):
        return [pair for layer in self.layers for pair in layer.param()]

class MSELoss:
    def forward(self, p, t):
        self.d = p - t
        return (self.d ** 2).mean()
    def backward(self):
        return 2 * self.d / self.d.numel()
"""


@pytest.fixture(autouse=True)
def _few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a few modules in the catalogue, so that the doctor is quick."""
    kept = {name: doctor.pages()[name] for name in ("Linear", "ReLU", "MSELoss", "Softmax")}
    monkeypatch.setattr(doctor, "pages", lambda: kept)


def examined(tmp_path: Path, adapter: str) -> tuple[str, bool]:
    path = tmp_path / "adapter.py"
    path.write_text(adapter, encoding="utf-8")
    lines, healthy = doctor.examine(str(path), Limits())
    return "\n".join(lines), healthy


def test_the_template_runs_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lesson.py").write_text(LIBRARY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["new-adapter", "lesson"]) == 0
    assert main(["new-adapter", "lesson"]) == 2
    assert "lesson_adapter.py exists and is left as it is" in capsys.readouterr().err
    monkeypatch.syspath_prepend(str(ROOT))
    assert main(["doctor", "--subject", "lesson_adapter.py"]) == 0
    said = capsys.readouterr().out
    assert "subject lesson offers 3 of the 4 modules of the catalogue" in said
    assert re.search(r"^  Linear: \d+ cells run, none fails$", said, re.MULTILINE)
    assert re.search(
        r"cells run, none fails. The run itself, of \d+ cells: make parity SUBJECT=lesson_adapter.py", said
    )
    assert counts(said)[-1] == tuple(map(sum, zip(*counts(said)[:-1], strict=True)))
    assert "in float32, float64, bfloat16, float16." in said
    assert "Linear was never met with bias False (it has no such option)" in said
    assert "  not offered: Softmax" in said


@pytest.mark.parametrize("shape", new_adapter.shapes())
def test_every_template_is_python_with_the_name_filled_in(tmp_path: Path, shape: str) -> None:
    text = new_adapter.write("lesson", shape, tmp_path).read_text(encoding="utf-8")
    compile(text, shape, "exec")
    assert "mylib" not in text
    assert "import lesson" in text


def test_a_name_that_python_cannot_import_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-adapter", "my-lib"]) == 2
    assert "NAME must be the name by which Python imports the library, was 'my-lib'" in capsys.readouterr().err


HEAD = """
from os import _exit
from parity.subjects.contract import Unsupported
from parity.subjects.torch_nn import TorchSubject
class Subject(TorchSubject):
    name = "student"
    def build(self, module, *rest):
        if module not in CHANGES:
            raise Unsupported(f"no {module}")
        built = super().build(module, *rest)
        given, back, grads = built.forward, built.backward, built.gradients
        vars(built).update(eval(CHANGES[module], locals() | {"_exit": _exit}))
        return built
subject = Subject()
"""
MISTAKES = {
    "ReLU": ("{'forward': lambda x: given(x).mT}", "forward must return the output: its shape must be"),
    "Tanh": ("{'forward': lambda x: given(x).numpy()}", "forward of Tanh must return a torch.Tensor, returned ndarray"),
    "Sigmoid": ("{'backward': lambda dy: None}", "backward of Sigmoid must return a torch.Tensor, returned NoneType"),
    "Flatten": ("{'backward': lambda dy: 1 / 0}", "backward raised ZeroDivisionError: division by zero"),
    "Linear": ("{'gradients': lambda: {'w': grads()['weight']}}", "no gradient is named weight or bias; it names w"),
    "Conv2d": (
        "{'gradients': lambda: {'weight': grads()['weight'].mT[:1], 'bias': grads()['bias']}}",
        "weight is off: its",
    ),
    "ConvTranspose2d": (
        "{'gradients': lambda: [1]}",
        "gradients of ConvTranspose2d must return a dictionary, returned list",
    ),
    "MSELoss": ("_exit(3)", "the subject's process ended with status 3 in build of MSELoss"),
}


def test_a_mistake_in_an_adapter_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {name: every_page()[name] for name in MISTAKES}
    monkeypatch.setattr(doctor, "pages", lambda: wrong)
    said, healthy = examined(
        tmp_path, f"CHANGES = { {name: change for name, (change, _) in MISTAKES.items()} }\n{HEAD}"
    )
    assert not healthy
    assert "Traceback" not in said
    lines = {line.strip().partition(":")[0]: line for line in said.splitlines()}
    for name, (_, words) in MISTAKES.items():
        assert "cannot run: in case" in lines[name]
        assert words in lines[name]


def test_a_wrong_gradient_is_said_to_differ(tmp_path: Path) -> None:
    change = {"Linear": "{'gradients': lambda: {name: 2 * grad for name, grad in grads().items()}}"}
    said, healthy = examined(tmp_path, f"CHANGES = {change}\n{HEAD}")
    assert healthy
    assert (
        "Linear: 24 cells run, 24 of them fail; dweight, dbias differ from torch.nn, in case plain, dweight: " in said
    )
    assert "What fails there is the library's, not the adapter's" in said


def test_a_failure_that_is_miswritten_is_not_said_to_be_the_library_s() -> None:
    failing = ["dx differs from torch.nn, in case bias False: Miswritten: mine.py line 9: backward must return"]
    lines = doctor.verdict("mine.py", [Examination("Linear", planned=3, ran=2, failing=failing)])
    assert "Where it says Miswritten, the adapter is to be mended." in lines
    assert any(line.startswith("What else fails there is the library's") for line in lines)


def counts(said: str) -> list[tuple[int, int]]:
    """Return how many cells run and fail, as said of each module and at last of all."""
    found = re.findall(r"(\d+) cells run, (?:(\d+) of them fail|none fails)", said)
    return [(int(ran), int(failing or 0)) for ran, failing in found]


def tiny(tmp_path: Path, *changes: tuple[str, str], library: tuple[str, str] = ("", "")) -> tuple[str, bool]:
    """Return what is said of the small library of NumPy's arrays, its adapter and itself changed."""
    tiny_libraries.write(tmp_path)
    (tmp_path / "tinynp.py").write_text(tiny_libraries.TINYNP.replace(*library), encoding="utf-8")
    adapter = tiny_libraries.TINYNP_ADAPTER
    for right, wrong in changes:
        adapter = adapter.replace(right, wrong)
    return examined(tmp_path, adapter)


def test_a_mistake_of_the_adapter_is_told_from_a_fault_of_the_library(tmp_path: Path) -> None:
    said, healthy = tiny(tmp_path, ('"dW"', '"dw"'), library=("2 * (p - t)", "3 * (p - t)"))
    assert not healthy
    assert "  Linear: the adapter is wrong: adapter.py, line 16: the gradient of weight is looked for at dw" in said
    assert re.search(r"  MSELoss: (\d+) cells run, \1 of them fail; dx differs from torch.nn, in case mean, dx: ", said)
    assert "  ReLU: 5 cells run, none fails" in said
    of_relu, of_loss, every = counts(said)
    assert every == (of_loss[0] + of_relu[0], of_loss[0])
    assert "To mend in the adapter: adapter.py, line 16" in said


def test_a_library_that_is_wrong_somewhere_has_a_right_adapter(tmp_path: Path) -> None:
    said, healthy = tiny(tmp_path, library=("self.db += d.sum(0)", "self.db += d.sum(0) * (1 + (len(self.W) == 24))"))
    assert healthy
    assert "of them fail; dbias differs from torch.nn, in case in_features 24" in said


def test_the_dtypes_that_a_library_takes_are_found(tmp_path: Path) -> None:
    said, _ = tiny(tmp_path, ("arrays=NUMPY,", 'arrays=NUMPY.only("float64"),'))
    assert "offers 3 of the 4 modules of the catalogue, in float64." in said
    assert re.search(r"  Linear: \d+ cells run, none fails", said)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("nobody.py", "subject must be one of"),
        ("nobody", "or a Python file that exists, was 'nobody'"),
        ("framwork", "did you mean framework?"),
        ("tests/subjects/gatd.py", "did you mean tests/subjects/gated.py?"),
        ("examples/adapters", "a folder; name a file in it, such as examples/adapters/"),
    ],
)
def test_a_subject_that_is_not_there_is_one_line(subject: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--subject", subject]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
