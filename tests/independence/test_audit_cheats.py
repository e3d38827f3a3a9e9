"""Ways of agreeing with torch by asking torch: each must be found, save one that is named.

What is seen is void, with the line that asked for it. What is computed where no witness sees is not audited: it may be
torch's, or an honest NumPy library's, and is never called independent.
"""

import re

import pytest
import torch
from torch.nn import functional

from parity.independence import audit
from parity.verdict import compare
from tests.independence.cheats import (
    Cached,
    Lazy,
    OnceByScipy,
    OnceByTorch,
    OwnFunction,
    Patient,
    Previous,
    backward_method,
    by_address,
    by_dlpack,
    by_engine,
    by_forward_mode,
    by_python,
    by_scipy,
    by_scipy_into_memory,
    compiled,
    from_frames,
    from_memory,
    from_traceback,
    in_a_thread,
    in_an_old_thread,
    in_another_process,
    one_by_one,
    opaque,
    patches_allclose,
    patches_code,
    patches_comparison,
    patches_method,
    scripted,
    under_the_trace,
    where_no_trace_is,
    where_no_witness_is,
)
from tests.independence.pairs import Pair, cell, dlinear, drelu, dsoftmax, linear, softmax


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
    "torch.compile": ("Softmax", lambda x: compiled(x, 1), dsoftmax, "softmax"),
    "torch.jit.script": ("Softmax", scripted, dsoftmax, "aten::softmax"),
    "the modes switched off": ("Softmax", under_the_trace, dsoftmax, "aten::softmax"),
    "an operator of its own": ("Softmax", opaque, dsoftmax, "aten::softmax"),
    "kept by address": ("Softmax", Cached(), dsoftmax, "same bits for other data"),
    "the previous result": ("Softmax", Previous(), dsoftmax, "same bits for other data"),
    "gc.get_objects": ("Softmax", from_memory, dsoftmax, "gc.get_objects"),
    "frames of the harness": ("Softmax", from_frames, dsoftmax, "frames"),
    "frames, by a traceback": ("Softmax", from_traceback, dsoftmax, "frames"),
    "torch.allclose replaced": ("Softmax", patches_allclose, dsoftmax, "replaced torch.allclose"),
    "a method of the tensor replaced": ("Softmax", patches_method, dsoftmax, "replaced torch.Tensor.isnan"),
    "the comparison replaced": ("Softmax", patches_comparison, dsoftmax, "compare.compare"),
    "the code of a comparison replaced": ("Softmax", patches_code, dsoftmax, "same_bits"),
    "a lazy tensor": ("Softmax", lambda x: x.clone().as_subclass(Lazy), dsoftmax, "in sum"),
    "good behaviour under the trace": ("Softmax", where_no_trace_is, dsoftmax, "aten::softmax"),
    "good behaviour under every witness": ("ReLU", where_no_witness_is, drelu, "aten::relu"),
}

UNSEEN = {
    "SciPy": ("Softmax", by_scipy, dsoftmax, "out of torch"),
    "SciPy, written into a clone": ("Softmax", by_scipy_into_memory, dsoftmax, "no operation"),
    "SciPy by DLPack": ("Softmax", by_dlpack, dsoftmax, "no operation"),
    "SciPy by address": ("Softmax", by_address, dsoftmax, "no operation"),
    "SciPy by lists": ("Softmax", by_python, dsoftmax, "out of torch"),
    "SciPy number by number": ("Softmax", one_by_one, dsoftmax, "one by one"),
    "SciPy in the first call": ("Softmax", OnceByScipy(), dsoftmax, "no operation"),
    "another process": ("Softmax", in_another_process, dsoftmax, "another process"),
    "good behaviour while anything listens": ("Softmax", OnceByTorch(), dsoftmax, "when it was watched"),
}


class Settled:
    """Memory that holds the same number in the four calls that nothing watches, and another in each other."""

    calls = 0

    def __call__(self, x):
        self.calls += 1
        return torch.full_like(x, 0 if 5 <= self.calls <= 8 else self.calls)


LEFT_THERE = 1e30  # what memory holds that nobody wrote may be anything, and now and then the right numbers
WRONG = {
    "memory that is never written": ("Softmax", lambda x: torch.empty_like(x).fill_(LEFT_THERE), dsoftmax),
    "memory that settles": ("Softmax", Settled(), dsoftmax),
    "the input itself": ("Softmax", lambda x: x, dsoftmax),
    "zeros": ("Softmax", torch.zeros_like, lambda dy, _y, _x: (torch.zeros_like(dy),)),
    "a gradient that is never computed": (
        "Linear",
        linear,
        lambda dy, _y, x, weight, bias: (dy @ weight, dy.t() @ x, torch.zeros_like(bias)),
    ),
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


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name, cheat in CHEATS.items() if "aten" in cheat[3] or "engine" in cheat[3]])
def test_what_voids_is_named_with_call_and_line(name):
    module, forward, backward, _ = CHEATS[name]
    found = audit(Pair(forward, backward), cell(module))
    where = re.compile(r": (forward|backward), tests/independence/\w+\.py:\d+, in \S+$")
    assert all(where.search(one) for one in found.findings), found.findings


@pytest.mark.parametrize("name", UNSEEN)
def test_what_is_not_seen_is_not_called_independent(name):
    module, forward, backward, word = UNSEEN[name]
    found = audit(Pair(forward, backward), cell(module))
    assert found.verdict == "not audited"
    assert any(word in finding for finding in found.findings), found.findings


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_no_cheat(name):
    found = audit(Pair(*WRONG[name][1:]), cell(WRONG[name][0]))
    assert (found.verdict, found.findings) == ("independent", ())


@pytest.mark.parametrize("name", UNCAUGHT)
def test_the_cheat_that_is_known_to_pass_still_passes(name):
    """Were it caught one day, it belongs among CHEATS."""
    found = audit(Pair(*UNCAUGHT[name][1:]), cell(UNCAUGHT[name][0]))
    assert (found.verdict, found.findings) == ("independent", ())


def test_all_but_one_are_caught():
    assert len(CHEATS) >= 14
    assert len(UNSEEN) >= 9
    assert len(UNCAUGHT) <= 1


def test_what_a_cheat_replaced_is_put_back():
    originals = torch.allclose, compare.compare, torch.Tensor.isnan
    for name in ("torch.allclose replaced", "the comparison replaced", "a method of the tensor replaced"):
        audit(Pair(*CHEATS[name][1:3]), cell("Softmax"))
    assert (torch.allclose, compare.compare, torch.Tensor.isnan) == originals
