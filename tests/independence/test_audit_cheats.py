"""Ways of agreeing with torch by asking torch: each must be found, save one that is named."""

import ctypes
import gc
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import scipy.special
import torch
from torch.nn import functional
from torch.utils._python_dispatch import _disable_current_modes

from parity.catalogue import pages
from parity.independence import audit
from parity.verdict import compare, trial
from parity.verdict.cell import Cell


class Pair:
    """A subject of one module, made of forward(*inputs, **parameters) and backward(dy, output, *inputs, ...)."""

    explains = False
    name = "cheat"

    def __init__(self, forward: Callable, backward: Callable, **declared: bool) -> None:
        self._forward, self._backward = forward, backward
        vars(self).update(declared)

    def build(self, module, options, parameters, device, dtype):  # noqa: ARG002 - the contract's signature
        return BuiltPair(self._forward, self._backward, parameters)


class BuiltPair:
    def __init__(self, forward, backward, parameters):
        self._forward, self._backward = forward, backward
        self.parameters = {name: value.clone() for name, value in parameters.items()}
        self.grads = {name: torch.zeros_like(value) for name, value in parameters.items()}

    def forward(self, *inputs):
        self.inputs, self.output = inputs, self._forward(*inputs, **self.parameters)
        return self.output

    def backward(self, dy):
        dx, *gradients = self._backward(dy, self.output, *self.inputs, **self.parameters)
        for grad, found in zip(self.grads.values(), gradients, strict=True):
            grad.add_(found)
        return dx

    def gradients(self):
        return self.grads

    def zero_grad(self):
        for grad in self.grads.values():
            grad.zero_()


def cell(module: str, case: int = 0) -> Cell:
    return Cell(pages()[module], pages()[module].cases[case])


def softmax(x):
    y = (x - x.amax(1, keepdim=True)).exp()
    return y / y.sum(1, keepdim=True)


def dsoftmax(dy, y, _x):
    return ((dy - (dy * y).sum(1, keepdim=True)) * y,)


def relu(x):
    return x.clamp_min(0)


def drelu(dy, _y, x):
    return (torch.where(x > 0, dy, 0.0),)


def linear(x, weight, bias):
    return x @ weight.t() + bias


def dlinear(dy, _y, x, weight, bias):  # noqa: ARG001 - a gradient for each is asked for, and bias has its own
    return dy @ weight, dy.t() @ x, dy.sum(0)


def by_engine(forward):
    """Return the backward pass that torch's engine makes of `forward`."""

    def backward(dy, _y, x):
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            return torch.autograd.grad(forward(leaf), leaf, dy)

    return backward


def backward_method(dy, _y, x):
    leaf = x.detach().requires_grad_()
    softmax(leaf).backward(dy)
    return (leaf.grad,)


def by_forward_mode(dy, _y, x):
    """The Jacobian of softmax is symmetric, so a push forward is a pull back."""
    return (torch.func.jvp(softmax, (x,), (dy,))[1],)


class OwnFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.softmax(x, 1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        return dsoftmax(dy, *ctx.saved_tensors, None)[0]


def in_a_thread(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.softmax(x, 1)))
    thread.start()
    thread.join()
    return found[0]


POOL = ThreadPoolExecutor(1)
POOL.submit(int).result()  # its thread is older than any audit


def in_an_old_thread(x):
    return POOL.submit(torch.softmax, x, 1).result()


def by_scipy(x):
    return torch.from_numpy(scipy.special.softmax(x.numpy(), axis=1))


def by_scipy_into_memory(x):
    y = x.clone()
    y.numpy()[:] = scipy.special.softmax(y.numpy(), axis=1)
    return y


def by_dlpack(x):
    y = scipy.special.softmax(numpy.from_dlpack(x), axis=1)
    return torch.from_dlpack(y)


def by_address(x):
    y = x.clone()
    count = x.numel()
    memory = (ctypes.c_float * count).from_address(y.data_ptr())
    values = numpy.frombuffer(memory, dtype=numpy.float32).reshape(x.shape)
    memory[:] = scipy.special.softmax(values, axis=1).ravel().tolist()
    return y


def by_python(x):
    return torch.tensor(scipy.special.softmax(x.tolist(), axis=1), dtype=x.dtype)


def one_by_one(x):
    y = x.clone()
    for i in range(x.shape[0]):
        row = scipy.special.softmax([value.item() for value in x[i]])
        for j, value in enumerate(row):
            y[i, j] = value
    return y


compiled = torch.compile(functional.softmax, backend="eager")


def plain_softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, 1)


with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # torch.jit is on its way out, but still there to cheat with
    scripted = torch.jit.script(plain_softmax)


def under_the_trace(x):
    with _disable_current_modes():
        return torch.softmax(x, 1)


@torch.library.custom_op("cheats::softmax", mutates_args=())
def opaque(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, 1)


class Cached:
    """Keeps the result by the address of its input."""

    def __init__(self):
        self.kept = {}

    def __call__(self, x):
        if x.data_ptr() not in self.kept:
            self.kept[x.data_ptr()] = softmax(x)
        return self.kept[x.data_ptr()]


class Previous:
    """Returns the result of the call before this one."""

    def __init__(self):
        self.last = None

    def __call__(self, x):
        now, self.last = self.last, softmax(x)
        return self.last if now is None or now.shape != x.shape else now


class OnceByScipy:
    """Honest from the second call on."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return torch.from_dlpack(scipy.special.softmax(numpy.from_dlpack(x), axis=1)) if self.calls % 2 else softmax(x)


def from_memory(x):
    """Looks for a tensor that could be the expected one: rows that add to 1."""
    for other in gc.get_objects():
        if type(other) is torch.Tensor and other.shape == x.shape and torch.allclose(other.sum(1), torch.ones(len(x))):
            return other
    return softmax(x)


def from_frames(x):
    frame = sys._getframe(1)
    while frame is not None:
        if "expected" in frame.f_locals:
            return frame.f_locals["expected"]
        frame = frame.f_back
    return softmax(x)


def from_traceback(x):
    try:
        raise ValueError
    except ValueError as error:
        frame = error.__traceback__.tb_frame.f_back
    return frame.f_locals.get("expected", softmax(x))


def generous(*_, **__):
    return True


def patches_allclose(x):
    torch.allclose = generous
    return softmax(x)


def patches_method(x):
    torch.Tensor.isnan = generous
    return softmax(x)


def patches_comparison(x):
    compare.compare = generous
    return softmax(x)


def patches_code(x):
    trial.same_bits.__code__ = generous.__code__
    return softmax(x)


class Lazy(torch.Tensor):
    """Computes when it is looked at."""

    def sum(self, *args, **kwargs):
        return torch.softmax(self.as_subclass(torch.Tensor), 1).sum(*args, **kwargs)


def in_another_process(x):
    """Stands for one that asks torch over there; exp alone is enough to be caught, and quicker."""
    program = "import math, sys; print(*(math.exp(float(word)) for word in sys.stdin.read().split()))"
    given = " ".join(map(str, numpy.from_dlpack(x).ravel()))
    command = [sys.executable, "-S", "-E", "-c", program]
    answer = subprocess.run(command, input=given, capture_output=True, check=True, text=True).stdout
    return torch.tensor([float(word) for word in answer.split()]).view(x.shape)


def where_no_trace_is(x):
    """Behaves while a dispatch mode is on."""
    return softmax(x) if torch._C._len_torch_dispatch_stack() else torch.softmax(x, 1)


def where_no_witness_is(x):
    """Behaves while a dispatch mode or, by any sign that there is of it, the profiler is on."""
    profiled = torch.autograd._profiler_enabled() or torch.autograd.profiler._is_profiler_enabled
    return relu(x) if torch._C._len_torch_dispatch_stack() or profiled else torch.relu(x)


class OnceByTorch:
    """Asks torch in every second module that is built, as one that guesses which of them is watched."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return torch.softmax(x, 1) if self.calls in (5, 6, 7, 8) else softmax(x)


class Patient:
    """Behaves until it has been called more often than any audit calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return softmax(x) if self.calls < 1000 else torch.softmax(x, 1)


def test_module(x):
    return torch.nn.Softmax(1)(x)


test_module.__test__ = False

CHEATS = {
    "torch.nn.functional": ("Softmax", lambda x: functional.softmax(x, 1), dsoftmax, "aten::softmax"),
    "a module of torch.nn": ("Softmax", test_module, dsoftmax, "aten::softmax"),
    "a method of the tensor": ("Softmax", lambda x: x.softmax(1), dsoftmax, "aten::softmax"),
    "torch.ops": ("Softmax", lambda x: torch.ops.aten._softmax(x, 1, False), dsoftmax, "aten::_softmax"),
    "torch._C._nn": ("ReLU", lambda x: torch._C._nn.leaky_relu(x, 0.0), drelu, "aten::leaky_relu"),
    "torch.relu": ("ReLU", torch.relu, drelu, "aten::relu"),
    "linear, which is split before it is dispatched": ("Linear", functional.linear, dlinear, "aten::linear"),
    "conv2d": ("Conv2d", functional.conv2d, lambda _dy, _y, x, weight, bias: (x, weight, bias), "aten::conv"),
    "a derivative kernel": (
        "Softmax",
        softmax,
        lambda dy, y, _x: (torch.ops.aten._softmax_backward_data(dy, y, 1, torch.float32),),
        "derivative",
    ),
    "torch.autograd.grad": ("Softmax", softmax, by_engine(softmax), "engine"),
    "Tensor.backward": ("Softmax", softmax, backward_method, "engine"),
    "forward-mode differentiation": ("Softmax", softmax, by_forward_mode, "differentiation"),
    "an autograd.Function of its own": ("Softmax", OwnFunction.apply, dsoftmax, "aten::softmax"),
    "a new thread": ("Softmax", in_a_thread, dsoftmax, "aten::softmax"),
    "an old thread": ("Softmax", in_an_old_thread, dsoftmax, "aten::softmax"),
    "SciPy": ("Softmax", by_scipy, dsoftmax, "out of torch"),
    "SciPy, written into a clone": ("Softmax", by_scipy_into_memory, dsoftmax, "no operation"),
    "SciPy by DLPack": ("Softmax", by_dlpack, dsoftmax, "no operation"),
    "SciPy by address": ("Softmax", by_address, dsoftmax, "no operation"),
    "SciPy by lists": ("Softmax", by_python, dsoftmax, "out of torch"),
    "SciPy number by number": ("Softmax", one_by_one, dsoftmax, "one by one"),
    "torch.compile": ("Softmax", lambda x: compiled(x, 1), dsoftmax, "softmax"),
    "torch.jit.script": ("Softmax", scripted, dsoftmax, "aten::softmax"),
    "the modes switched off": ("Softmax", under_the_trace, dsoftmax, "aten::softmax"),
    "an operator of its own": ("Softmax", opaque, dsoftmax, "aten::softmax"),
    "kept by address": ("Softmax", Cached(), dsoftmax, "same bits for other data"),
    "the previous result": ("Softmax", Previous(), dsoftmax, "not computed from the x"),
    "SciPy in the first call": ("Softmax", OnceByScipy(), dsoftmax, "no operation"),
    "uninitialised memory": ("Softmax", torch.empty_like, dsoftmax, "not computed from the x"),
    "the input itself": ("Softmax", lambda x: x, dsoftmax, "without one operation"),
    "gc.get_objects": ("Softmax", from_memory, dsoftmax, "gc.get_objects"),
    "frames of the harness": ("Softmax", from_frames, dsoftmax, "frames"),
    "frames, by a traceback": ("Softmax", from_traceback, dsoftmax, "frames"),
    "torch.allclose replaced": ("Softmax", patches_allclose, dsoftmax, "replaced torch.allclose"),
    "a method of the tensor replaced": ("Softmax", patches_method, dsoftmax, "replaced torch.Tensor.isnan"),
    "the comparison replaced": ("Softmax", patches_comparison, dsoftmax, "compare.compare"),
    "the code of a comparison replaced": ("Softmax", patches_code, dsoftmax, "same_bits"),
    "a lazy tensor": ("Softmax", lambda x: x.clone().as_subclass(Lazy), dsoftmax, "Lazy"),
    "another process": ("Softmax", in_another_process, dsoftmax, "another process"),
    "good behaviour under the trace": ("Softmax", where_no_trace_is, dsoftmax, "aten::softmax"),
    "good behaviour under every witness": ("ReLU", where_no_witness_is, drelu, "aten::relu"),
    "good behaviour while anything listens": ("Softmax", OnceByTorch(), dsoftmax, "when it was watched"),
}

# An audit judges the calls that it makes. One who is honest for longer than that shows nothing; who distrusts a subject
# audits it again after its parity run, in the same process.
UNCAUGHT = {"patience": ("Softmax", Patient(), dsoftmax)}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # torch.func uses it on its first call
@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_caught(name):
    module, forward, backward, word = CHEATS[name]
    found = audit(Pair(forward, backward), cell(module))
    assert found.verdict == "void"
    assert any(word in finding for finding in found.findings), found.findings


@pytest.mark.parametrize("name", UNCAUGHT)
def test_the_cheat_that_is_known_to_pass_still_passes(name):
    """Were it caught one day, it belongs among CHEATS."""
    found = audit(Pair(*UNCAUGHT[name][1:]), cell(UNCAUGHT[name][0]))
    assert (found.verdict, found.findings) == ("independent", ())


def test_all_but_one_are_caught():
    assert len(CHEATS) >= 14
    assert len(UNCAUGHT) <= 1


def test_what_a_cheat_replaced_is_put_back():
    originals = torch.allclose, compare.compare, torch.Tensor.isnan
    for name in ("torch.allclose replaced", "the comparison replaced", "a method of the tensor replaced"):
        audit(Pair(*CHEATS[name][1:3]), cell("Softmax"))
    assert (torch.allclose, compare.compare, torch.Tensor.isnan) == originals
