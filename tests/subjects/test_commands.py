"""new-adapter and doctor, as their user meets them."""

from pathlib import Path

import pytest

from parity.__main__ import main
from parity.catalogue import pages as every_page
from parity.run import doctor, new_adapter
from parity.subjects.process import Limits

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
    assert "Linear: runs" in said
    assert "the Linear of lesson has no bias=False" in said
    assert "Softmax: not offered (lesson has no Softmax)" in said


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
    assert "in case plain dweight, dbias differ from torch.nn" in said


@pytest.mark.parametrize(
    ("subject", "words"),
    [("nobody.py", "subject must be one of"), ("nobody", "--subject must be a Python file or one of")],
)
def test_a_subject_that_is_not_there_is_one_line(subject: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--subject", subject]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
