"""The sweep: each node once, gradients that accumulate, cotangents that are left alone, memory that is freed."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import framework
from framework import tape
from framework.tape import Variable
from framework.tape.operators import arithmetic
from framework.tape.sweep import reachable


def leaf(*shape, dtype=torch.float64):
    return Variable(torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(len(shape))))


def test_a_chain_of_ten_thousand():
    x = leaf(3)
    y = x
    for _ in range(10_000):
        y = y + 1.0
    y.sum().backward()
    assert torch.equal(x.grad, torch.ones(3, dtype=torch.float64))
    del y  # freeing must not exhaust the stack either


def test_a_diamond_of_sixty_levels_visits_each_node_once(monkeypatch):
    visits = []
    honest = arithmetic.Add.pass_grad
    monkeypatch.setattr(arithmetic.Add, "pass_grad", lambda self, dy: visits.append(self) or honest(self, dy))
    x = leaf(2)
    y = x
    for _ in range(60):
        y = y + y
    y.sum().backward()
    assert len(visits) == 60
    assert torch.equal(x.grad, torch.full((2,), 2.0**60, dtype=torch.float64))


def test_a_shared_cotangent_is_never_written_to():
    a, b = leaf(3), leaf(3)
    dy = torch.ones(3, dtype=torch.float64)
    y = a + b
    z = y + a  # a meets two gradients, one of them the tensor that b gets
    z.backward(dy)
    b.grad.add_(0)
    assert torch.equal(dy, torch.ones_like(dy))
    a.grad, b.grad = None, None
    y.backward(dy)
    a.grad.mul_(100)
    assert torch.equal(b.grad, torch.ones_like(dy))
    assert torch.equal(dy, torch.ones_like(dy))


def test_gradients_accumulate_in_the_same_tensor_and_clear():
    x = leaf(3)
    y = (x * x).sum()
    y.backward()
    first = x.grad
    once = first.clone()
    y.backward()
    assert x.grad is first
    assert torch.equal(first, 2 * once)
    x.zero_grad()
    assert not first.any()


def test_an_output_of_several_elements_asks_for_a_cotangent():
    with pytest.raises(ValueError, match=r"dy must be given for an output of shape \(3,\)"):
        (leaf(3) * 2).backward()
    with pytest.raises(ValueError, match=r"dy must have shape \(3,\), had \(2,\)"):
        (leaf(3) * 2).backward(torch.ones(2, dtype=torch.float64))
    with pytest.raises(TypeError, match=r"dy must be torch\.float64"):
        (leaf(3) * 2).backward(torch.ones(3))


def test_nothing_passes_a_detached_variable_or_is_recorded_without_the_tape():
    x = leaf(3)
    (x.detach() * x).sum().backward()
    assert torch.equal(x.grad, x.tensor)
    with tape.no_tape():
        y = x.exp().sum()
    with pytest.raises(RuntimeError, match="must depend on a leaf"):
        y.backward()


def records():
    return leaf(3).exp().depends


def test_what_was_off_stays_off_after_an_inner_block_without_the_tape():
    with tape.no_tape():
        with tape.no_tape():
            assert not records()
        assert not records()
    assert records()


def test_an_exception_turns_the_tape_on_again():
    with pytest.raises(KeyError), tape.no_tape():
        raise KeyError
    assert records()


def test_the_tape_is_off_in_one_thread_alone():
    with ThreadPoolExecutor(1) as other, tape.no_tape():
        assert other.submit(records).result()
        assert not records()


def test_a_tensor_written_to_after_forward_is_refused_and_leaves_the_gradients():
    x, w = leaf(3), leaf(3)
    y = (x * w).sum() + x.sum()
    w.tensor.add_(1)
    with pytest.raises(RuntimeError, match="mul: the tensors of forward must be unchanged"):
        y.backward()
    assert x.grad is None


def test_graphs_are_freed_without_the_collector():
    gc.disable()
    try:
        x, model = leaf(3), tape.on_tape(network())
        y = model(x).sum() + x.exp().sum()
        y.backward()
        saved = [weakref.ref(value) for node in reachable(y.grad_op) for value in node.saved]
        saved += [weakref.ref(y.grad_op.children[0].children[0].layer)]  # of the fused road
        assert len(saved) > 1
        assert all(value() is not None for value in saved)
        del y
        assert [value() for value in saved] == [None] * len(saved)
    finally:
        gc.enable()


def network():
    return framework.Sequential(framework.Linear(3, 4, dtype=torch.float64), framework.Tanh())


def test_an_inner_gradient_is_kept_on_request():
    x = leaf(3)
    y = (x * 3.0).retain_grad()
    (y * y).sum().backward()
    assert torch.equal(y.grad, 2 * y.tensor)


def test_a_variable_that_keeps_its_gradient_is_freed_without_the_collector():
    gc.disable()
    try:
        y = (leaf(3) * 3.0).retain_grad()
        gone = weakref.ref(y)
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_a_leaf_is_its_own_derivative():
    x, dy = leaf(3), torch.ones(3, dtype=torch.float64)
    x.backward(dy)
    first = x.grad
    x.backward(dy)
    assert x.grad is first
    assert torch.equal(first, 2 * dy)
    assert torch.equal(dy, torch.ones_like(dy))


@pytest.mark.parametrize("wrong", ["3", None, [1.0], torch.ones(3, dtype=torch.float32)])
def test_a_wrong_operand_is_refused(wrong):
    with pytest.raises(TypeError):
        leaf(3) + wrong


@pytest.mark.parametrize("values", [[2.0, 5.0, 5.0, 1.0], [5.0, 5.0, 5.0, 5.0], [-3.0, -3.0, -4.0, -9.0]])
def test_elements_that_tie_for_the_maximum_share_its_gradient_as_torchs_do(values):
    ours = Variable(torch.tensor([values, values], dtype=torch.float64))
    theirs = ours.tensor.clone().requires_grad_()
    weights = torch.tensor([3.0, -7.0], dtype=torch.float64)
    (ours.amax(1) * weights).sum().backward()
    (theirs.amax(1) * weights).sum().backward()
    assert torch.equal(ours.grad, theirs.grad)
    ours.zero_grad()
    ours.max().backward()
    assert torch.equal(ours.grad, torch.autograd.grad(theirs.max(), theirs)[0])


def test_a_call_on_the_tape_leaves_the_layers_own_memory_alone():
    layer = framework.Linear(3, 2, dtype=torch.float64)
    x, dy = torch.ones(4, 3, dtype=torch.float64), torch.ones(4, 2, dtype=torch.float64)
    layer(x)
    tape.on_tape(layer)(2 * x).sum().backward()
    assert layer.saved[0] is x
    layer.zero_grad()
    layer.backward(dy)
    assert torch.equal(layer.param()[0].grad, dy.t() @ x)
