"""Gradients of the tape that are differentiated in their turn, beside torch's, up to the third order."""

import pytest
import torch

from framework import Linear, ReLU, tape
from framework.tape import DifferentiableOnceError, GradOperator, Variable, grad
from framework.tape.variable import apply


def drawn(*shape):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.rand(shape, dtype=torch.float64, generator=generator) + 0.5


def close(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.tensor, other.detach(), rtol=1e-9, atol=1e-9)


def agree(function, *tensors):
    """Compare the first, second and third derivatives of every operand and of the cotangent with torch's."""
    ours, theirs = [Variable(value) for value in tensors], [value.clone().requires_grad_() for value in tensors]
    y, wanted = function(*ours), function(*theirs)
    generator = torch.Generator().manual_seed(1)
    dy = torch.randn(wanted.shape, dtype=torch.float64, generator=generator)
    vs = [torch.randn(value.shape, dtype=torch.float64, generator=generator) for value in tensors]
    leaf, other = Variable(dy), dy.clone().requires_grad_()
    first = grad(y, ours, leaf), torch.autograd.grad(wanted, theirs, other, create_graph=True)
    close(*first)
    s, t = (sum((dx * v).sum() for dx, v in zip(found, vs, strict=True)) for found in first)
    options = {"create_graph": True, "materialize_grads": True}
    second = grad(s, [*ours, leaf]), torch.autograd.grad(t, [*theirs, other], **options)
    close(*second)
    s, t = (sum((value * value).sum() for value in found) for found in second)
    close(grad(s, [*ours, leaf]), torch.autograd.grad(t, [*theirs, other], materialize_grads=True))


TWO = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


@pytest.mark.parametrize("name", TWO)
def test_operands_that_broadcast(name):
    agree(TWO[name], drawn(2, 3), drawn(3))
    agree(TWO[name], drawn(3, 1), drawn(2, 3, 4))
    agree(lambda a: TWO[name](a, 2.5), drawn(2, 3))
    agree(lambda a: TWO[name](2.5, a), drawn(2, 3))


@pytest.mark.parametrize("method", ["exp", "expm1", "log", "log1p", "sqrt", "abs", "neg", "tanh", "sigmoid", "relu"])
def test_functions_of_every_element(method):
    agree(lambda a: getattr(a - 0.4, method)() * a, drawn(5, 4) + (method == "log") + (method == "sqrt"))


ONE = {
    "power 0": lambda a: a**0 * a,
    "power 1": lambda a: a**1,
    "power 3": lambda a: a**3,
    "clamp": lambda a: a.clamp(0.7, 1.2) * a,
    "sum": lambda a: a.sum(1).exp(),
    "mean": lambda a: a.mean((0, 2)).exp(),
    "amax": lambda a: a.amax(1).exp(),
    "reshape": lambda a: (a * a).reshape(-1).exp(),
    "permute": lambda a: (a * a).permute(2, 0, 1).exp(),
    "flip": lambda a: (a * a).flip(0, 2).exp(),
    "expand": lambda a: (a * a)[:, :1].expand(-1, 5, -1).exp(),
    "repeat": lambda a: (a * a).repeat(2, 1, 1, 2).exp(),
    "windows": lambda a: (a * a).unfold(1, 2, 1).exp(),
    "transposed": lambda a: (a * a).transpose(0, -1).exp(),
    "picked twice": lambda a: (a * a)[torch.tensor([0, 1, 1])].exp(),
    "number": lambda a: (a * a)[..., -1].exp(),
    "gather": lambda a: (a * a).gather(1, torch.zeros(2, 4, 2, dtype=torch.long)).exp(),
}


@pytest.mark.parametrize("name", ONE)
def test_of_one_operand(name):
    agree(ONE[name], drawn(2, 3, 4))


@pytest.mark.parametrize(
    ("a", "b"), [((3, 4), (4, 2)), ((5, 1, 3, 4), (6, 4, 2)), ((4,), (5, 4, 2)), ((5, 3, 4), (4,))]
)
def test_products_of_matrices(a, b):
    agree(lambda x, y: x @ y, drawn(*a), drawn(*b))


def test_spread_pad_where_and_cat():
    x = Variable(drawn(2, 3))
    (dx,) = grad((x * x).spread(1, 2).pad((1, 0), (0, 2)).exp(), [x], Variable(torch.ones(3, 7).double()))
    wanted = 2 * x.tensor * (x.tensor**2).exp()
    torch.testing.assert_close(dx.tensor, wanted)
    (d2x,) = grad(dx.sum(), [x])
    torch.testing.assert_close(d2x.tensor, (2 + 4 * x.tensor**2) * (x.tensor**2).exp())
    joined = tape.cat([x * x, tape.where(x.tensor > 1, x**3, 0.0)], 1)
    (d2x,) = grad(grad(joined.sum(), [x])[0].sum(), [x])
    torch.testing.assert_close(d2x.tensor, 2 + 6 * x.tensor * (x.tensor > 1))


def test_nothing_is_added_to_leaves_and_what_does_not_depend_is_zero():
    x, other = Variable(drawn(3)), Variable(drawn(2))
    dx, none = grad((x * x).sum(), [x, other])
    assert x.grad is None
    assert none.tensor.tolist() == [0, 0]
    assert grad(dx.sum(), [other])[0].tensor.tolist() == [0, 0]


def test_an_operator_that_was_made_is_asked_too():
    x = Variable(drawn(3))
    y = x * x
    (dy,) = grad((y * y).sum(), [y])
    torch.testing.assert_close(dy.tensor, 2 * y.tensor)
    torch.testing.assert_close(grad(dy.sum(), [x])[0].tensor, 4 * x.tensor)


def test_what_was_written_to_since_forward_is_noticed():
    x = Variable(drawn(3))
    y = x * x
    x.tensor.add_(1)
    with pytest.raises(RuntimeError, match=r"\*|mul: the tensors of forward must be unchanged"):
        grad(y.sum(), [x])


def test_a_layer_in_one_operator_says_that_it_has_none():
    x = Variable(torch.randn(2, 3))
    for layer, name in ((Linear(3, 2), "layercall"), (ReLU(), "layercall")):
        with pytest.raises(DifferentiableOnceError, match=f"{name}: cannot be differentiated twice.*composed helps"):
            grad(tape.on_tape(layer)(x).sum(), [x])


class Silent(GradOperator):
    """It saves what it does not tell of."""

    __slots__ = ()

    def forward(self, x):
        self.save(x)
        return x * x

    def pass_grad(self, dy):
        (x,) = self.recall()
        return (2 * dy * x,)


class InPlace(GradOperator):
    """Its backward is written for tensors alone."""

    __slots__ = ()
    keeps = (0,)

    def forward(self, x):
        self.save(x)
        return x * x

    def pass_grad(self, dy):
        (x,) = self.recall()
        return (dy.mul(2).mul_(x),)


@pytest.mark.parametrize(("kind", "words"), [(Silent, "does not say what it keeps"), (InPlace, "what Variables have")])
def test_an_operator_that_cannot_is_named(kind, words):
    x = Variable(drawn(3))
    with pytest.raises(DifferentiableOnceError, match=f"{kind.__name__.lower()}: cannot be .*{words}"):
        grad(apply(kind, (x,)), [x], torch.ones(3).double())
    apply(kind, (x,)).backward(torch.ones(3).double())
    torch.testing.assert_close(x.grad, 2 * x.tensor)


def test_a_cotangent_must_fit():
    x = Variable(drawn(3))
    with pytest.raises(ValueError, match="dy must be given"):
        grad(x * x, [x])
    with pytest.raises(ValueError, match="dy"):
        grad(x * x, [x], Variable(drawn(2)))
