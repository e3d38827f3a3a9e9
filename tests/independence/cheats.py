"""Ways of agreeing with torch by asking torch."""

import ctypes
import gc
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy
import scipy.special
import torch
from torch.nn import functional
from torch.utils._python_dispatch import _disable_current_modes

from parity.verdict import compare, reading
from tests.independence.pairs import dsoftmax, relu, softmax


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
    reading.same_bits.__code__ = generous.__code__
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
