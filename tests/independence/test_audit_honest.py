"""Honest implementations, by other formulas and with other habits: none may be accused."""

import copy
import logging
import os
import pickle
import shutil
import subprocess
import sys
import threading
import warnings
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import scipy.special
import torch

from parity.catalogue import pages
from parity.independence import audit
from parity.independence.witnesses import tampering
from parity.run.auditing import audit_all, audited_alone
from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell

TABLE = torch.from_numpy(numpy.arange(1.0, 3.0, dtype=numpy.float32))  # a constant that no operation of a run makes
SCRATCH = torch.zeros(60, 5)


class Built:
    """A module from two functions of x and the parameters."""

    def __init__(self, forward, backward, parameters):
        self._forward, self._backward = forward, backward
        self.values = {name: value.clone() for name, value in parameters.items()}
        self.grads = {name: torch.zeros_like(value) for name, value in self.values.items()}

    def forward(self, *inputs):
        self.inputs, self.output = inputs, self._forward(*inputs, **self.values)
        return self.output

    def backward(self, dy):
        dx, *gradients = self._backward(dy, self.output, *self.inputs, **self.values)
        for grad, found in zip(self.grads.values(), gradients, strict=True):
            grad.add_(found)
        return dx

    def gradients(self):
        return self.grads

    def zero_grad(self):
        torch._foreach_zero_(list(self.grads.values())) if self.grads else None


def subject(forward, backward, **declared):
    def build(_module, _options, parameters, _device, _dtype):
        return Built(forward, backward, parameters)

    return SimpleNamespace(name="honest", explains=False, build=build, **declared)


def softmax(x):
    y = (x - x.amax(1, keepdim=True)).exp()
    return y / y.sum(1, keepdim=True)


def dsoftmax(dy, y, _x):
    return (y * dy - y * torch.einsum("ij,ij->i", y, dy)[:, None],)


def softmax_by_logarithm(x):
    return (x - torch.logsumexp(x, 1, keepdim=True)).exp()


def softmax_with_items(x):
    return (x - x.max().item()).exp_().div_((x - x.max().item()).exp().sum(1, keepdim=True))


def softmax_in_scratch(x):
    torch.exp(x, out=SCRATCH)
    return SCRATCH / SCRATCH.sum(1, keepdim=True)


def softmax_in_inference_mode(x):
    with torch.inference_mode():
        return softmax(x)


def softmax_by_threads(x):
    rows = [None, None]

    def work(half):
        rows[half] = softmax(x[half * 30 : half * 30 + 30])

    threads = [threading.Thread(target=work, args=(half,)) for half in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return torch.cat(rows)


def softmax_with_logging(x):
    logging.getLogger("honest").debug("shape %s", tuple(x.shape), stack_info=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("slow", stacklevel=2)
    return copy.deepcopy(pickle.loads(pickle.dumps({"axis": 1}))) and softmax(x)


def softmax_with_a_table(x):
    return softmax(x * TABLE[0] * TABLE[1] / TABLE[1])


def softmax_of_a_list(x):
    return softmax(x + torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0]))


softmax_compiled = torch.compile(softmax, backend="eager")


def with_a_graph(x):
    """Leaves torch's graph on, and never asks it."""
    return softmax(x.detach().clone().requires_grad_())


@torch.library.custom_op("honest::softmax", mutates_args=())
def softmax_operator(x: torch.Tensor) -> torch.Tensor:
    return softmax(x)


class OwnFunction(torch.autograd.Function):
    """Written by hand forward and backward; the engine does no more than call it."""

    @staticmethod
    def forward(ctx, x):
        y = softmax(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        return dsoftmax(dy, *ctx.saved_tensors, None)[0]


def by_the_engine(dy, _y, x):
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(OwnFunction.apply(leaf), leaf, dy)


def by_scipy(x):
    return torch.from_numpy(scipy.special.softmax(x.numpy(), axis=1))


def dby_scipy(dy, y, _x):
    a, b = dy.numpy(), y.numpy()
    return (torch.from_numpy((a - (a * b).sum(1, keepdims=True)) * b),)


def windows(x):
    return x.unfold(2, 3, 1).unfold(3, 3, 1)  # (N, C, P, Q, 3, 3)


def conv(x, weight, bias):
    return torch.einsum("ncpqij,ocij->nopq", windows(x), weight) + bias[:, None, None]


def dconv(dy, _y, x, weight, bias):  # noqa: ARG001 - a gradient for each is asked for, and bias has its own
    dx = torch.zeros_like(x)
    for i in range(3):
        for j in range(3):
            dx[:, :, i : i + dy.shape[2], j : j + dy.shape[3]] += torch.einsum("nopq,oc->ncpq", dy, weight[:, :, i, j])
    return dx, torch.einsum("nopq,ncpqij->ocij", dy, windows(x)), dy.sum((0, 2, 3))


HONEST = {
    "softmax by logsumexp": ("Softmax", subject(softmax_by_logarithm, dsoftmax)),
    "softmax with Python numbers": ("Softmax", subject(softmax_with_items, dsoftmax)),
    "softmax in memory of its own": ("Softmax", subject(softmax_in_scratch, dsoftmax)),
    "softmax in inference mode": ("Softmax", subject(softmax_in_inference_mode, dsoftmax)),
    "softmax by threads": ("Softmax", subject(softmax_by_threads, dsoftmax)),
    "softmax that logs, warns and copies": ("Softmax", subject(softmax_with_logging, dsoftmax)),
    "softmax with a table from NumPy": ("Softmax", subject(softmax_with_a_table, dsoftmax)),
    "softmax with a list": ("Softmax", subject(softmax_of_a_list, dsoftmax)),
    "softmax, compiled": ("Softmax", subject(softmax_compiled, dsoftmax)),
    "softmax with an idle graph": ("Softmax", subject(with_a_graph, dsoftmax)),
    "softmax by an operator of its own": ("Softmax", subject(softmax_operator, dsoftmax)),
    "softmax as an autograd.Function": ("Softmax", subject(OwnFunction.apply, by_the_engine)),
    "softmax by NumPy, declared": ("Softmax", subject(by_scipy, dby_scipy, outside_torch=True)),
    "linear by einsum": (
        "Linear",
        subject(
            lambda x, weight, bias: torch.einsum("nd,od->no", x, weight) + bias,
            lambda dy, _y, x, weight, bias: (  # noqa: ARG005 - the gradient of bias needs no bias
                torch.einsum("no,od->nd", dy, weight),
                torch.einsum("no,nd->od", dy, x),
                dy.sum(0),
            ),
        ),
    ),
    "linear by broadcast": (
        "Linear",
        subject(
            lambda x, weight, bias: (x[:, None] * weight).sum(2) + bias,
            lambda dy, _y, x, weight, bias: (  # noqa: ARG005 - as above
                (dy[:, :, None] * weight).sum(1),
                (dy[:, :, None] * x[:, None]).sum(0),
                dy.sum(0),
            ),
        ),
    ),
    "relu by an absolute value": (
        "ReLU",
        subject(lambda x: (x + x.abs()) / 2, lambda dy, _y, x: (dy * (x > 0).to(dy.dtype),)),
    ),
    "relu by where": ("ReLU", subject(lambda x: torch.where(x > 0, x, 0.0), lambda dy, y, _x: (dy * y.sign(),))),
    "tanh by exponentials": (
        "Tanh",
        subject(lambda x: 1 - 2 / ((2 * x).exp() + 1), lambda dy, y, _x: (dy * (1 - y * y),)),
    ),
    "convolution by einsum": ("Conv2d", subject(conv, dconv)),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_implementation_is_not_accused(name):
    module, honest = HONEST[name]
    found = audit(honest, Cell(pages()[module], pages()[module].cases[0]))
    assert (found.verdict, found.findings) == ("independent", ())


def test_operations_are_those_of_one_forward_and_backward():
    found = audit(load("framework"), Cell(pages()["Sigmoid"], pages()["Sigmoid"].cases[0]))
    assert found.operations == {"sigmoid": 1, "new_ones": 1, "sub": 1, "mul": 2}
    assert found.touched["mul"] == {"x", "dy"}


def test_numpy_declared_is_still_held_to_the_rest():
    cheat = subject(
        by_scipy, lambda dy, y, _x: (torch.ops.aten._softmax_backward_data(dy, y, 1, dy.dtype),), outside_torch=True
    )
    found = audit(cheat, Cell(pages()["Softmax"], pages()["Softmax"].cases[0]))
    assert found.verdict == "void"
    assert "it computes outside torch" in found.remark


def test_who_wraps_torch_says_so_and_is_not_audited():
    rows = audit_all(load("torch_nn"))
    assert {(row.verdict, row.findings) for row in rows} == {("not audited", ("it says that it wraps torch",))}


def test_torch_would_be_void_without_its_word():
    wrapping = load("torch_nn")
    silent = SimpleNamespace(name="silent", explains=False, build=wrapping.build)
    assert {audited_alone(silent, module).verdict for module in ("Linear", "Conv2d", "MSELoss", "Flatten")} == {"void"}


def test_what_a_subject_lacks_is_not_audited():
    def build(*_):
        raise Unsupported("it has no Softmax")

    lacking = SimpleNamespace(name="lacking", explains=False, build=build)
    found = audit(lacking, Cell(pages()["Softmax"], pages()["Softmax"].cases[0]))
    assert (found.verdict, found.findings) == ("not audited", ("unsupported: it has no Softmax",))


def test_the_harness_may_use_packages_wherever_they_lie(tmp_path: Path) -> None:
    for entry in distribution("tabulate").files or ():
        if ".." not in entry.parts:
            (tmp_path / entry).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(entry.locate()), tmp_path / entry)
    asked = (
        "import tabulate, reports.columns; from parity.independence.witnesses import tampering; "
        "print(tabulate.__file__, *tampering.counterfeits(), sep='\\n')"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    lies, *sentences = ended.stdout.splitlines()
    assert lies.startswith(str(tmp_path))
    assert sentences == []
    assert not tampering.is_at_home("/somewhere/else/tabulate/__init__.py")
