"""The framework derives by hand: no autograd, no torch.nn, no kernel that is a layer."""

import ast
import re
from pathlib import Path

import pytest

import framework

ROOT = Path(framework.__file__).parent
BANNED = re.compile(
    r"torch\.(nn|optim|autograd|ops|_C|conv\w*|softmax|log_softmax|enable_grad|func)\b.*|.*\.(requires_grad_|softmax|log_softmax)"
    r"|functional|.*_backward"
)
PACKAGES = {"parity", "perf", "reports", "tests"}


def dotted(node: ast.AST) -> str:
    """Return a.b.c for an attribute chain; what is not a name in it is left empty."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def names(tree: ast.AST) -> list[str]:
    """Return every dotted name that the source imports or reads."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            found.append(dotted(node))
    return found


def offences(source: str) -> list[str]:
    """Return the names in `source` that the house forbids."""
    found = names(ast.parse(source))
    return [name for name in found if BANNED.fullmatch(name) or name.split(".")[0] in PACKAGES]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_the_rules(path):
    assert offences(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import torch.nn",
        "import torch.nn.functional as F",
        "from torch import nn",
        "from torch.nn.functional import relu",
        "from torch.autograd import grad",
        "from torch import autograd",
        "from torch import conv2d",
        "import torch\ny = torch.nn.Linear(1, 2)",
        "y = torch.conv2d(x, w)",
        "y = torch.conv_transpose2d(x, w)",
        "y = torch.convolution(x, w)",
        "y = torch.softmax(x, 1)",
        "y = torch.log_softmax(x, 1)",
        "y = x.softmax(1)",
        "y = (x + 1).log_softmax(1)",
        "x.t().requires_grad_()",
        "torch.ops.aten.relu(x)",
        "torch._C._nn.gelu(x)",
        "from torch.optim import Adam",
        "import parity.catalogue",
        "from reports import record",
    ],
)
def test_a_planted_offence_is_found(source):
    assert offences(source)


def test_honest_source_passes():
    assert offences("import torch\nfrom torch import Tensor\ndx = layer.backward(dy)\ny = torch.bmm(a, b).exp_()") == []


def test_there_is_something_to_check():
    assert len(list(ROOT.rglob("*.py"))) > 20


def test_what_is_exported_is_every_class_the_initialisation_what_clips_and_what_compiles():
    assert set(framework.__all__) == {
        "init",
        "clip_grad_norm",
        "clip_grad_value",
        "compile",
        *(name for name, value in vars(framework).items() if isinstance(value, type)),
    }
