"""What the tape refuses, each in one line that names the operator and what it was given."""

import numpy as np
import pytest
import torch

import framework
from framework import tape
from framework.tape import AsLayer, Module, Variable

X = Variable(torch.ones(3, 4))
MASK = torch.ones(3, 4, dtype=torch.bool)
DOUBLE = torch.ones(3, 4, dtype=torch.float64)

REFUSED = {
    "shapes of a sum": (lambda: X + torch.ones(5), RuntimeError, r"^add: .*\(3, 4\) and \(5,\)"),
    "shapes of a product": (lambda: X @ X, RuntimeError, r"^@: .*\(3, 4\) and \(3, 4\)"),
    "dtype of a Variable": (lambda: X + Variable(DOUBLE), TypeError, "one dtype, were torch.float32 and torch.float64"),
    "dtype of a tensor": (lambda: X + DOUBLE, TypeError, "one dtype, were torch.float32 and torch.float64"),
    "complex tensor": (lambda: X + MASK.cfloat(), TypeError, "one dtype, were torch.float32 and torch.complex64"),
    "complex number": (lambda: X * 1j, TypeError, "mul: operand must be .* was complex"),
    "list": (lambda: X * [1.0], TypeError, "mul: operand must be .* was list"),
    "list on the left": (lambda: [1.0] - X, TypeError, "sub: operand must be .* was list"),
    "array": (lambda: X * np.ones(4), TypeError, "mul: operand must be .* was ndarray"),
    "array on the left": (lambda: np.ones((3, 4)) / X, TypeError, "div: operand must be .* was ndarray"),
    "word": (lambda: X ** "2", TypeError, "pow: operand must be .* was str"),
    "leaf of a list": (lambda: Variable([1.0]), TypeError, "Variable: tensor must be a tensor, was list"),
    "leaf of integers": (lambda: Variable(torch.ones(3).long()), TypeError, "must be of a floating-point dtype"),
    "axis of a sum": (lambda: X.sum(7), IndexError, "sum: .* dim must be in -2 ... 1, was 7"),
    "axis of a mean": (lambda: X.mean((0, -3)), IndexError, "mean: .* dim must be in -2 ... 1, was -3"),
    "axis of a maximum": (lambda: X.amax(2), IndexError, "amax: .* dim must be in -2 ... 1, was 2"),
    "axis of a permutation": (lambda: X.permute(0, 5), IndexError, r"permute: .*\(3, 4\) with \(0, 5\)"),
    "axis of cat": (lambda: tape.cat([X, X], 5), IndexError, "cat: .* with 5"),
    "extents": (lambda: X.reshape(5), RuntimeError, r"reshape: .*\(3, 4\) with \(5,\)"),
    "word for an extent": (lambda: X.reshape("a"), TypeError, "every extent or axis must be an int, was 'a'"),
    "more than a matrix": (lambda: X.reshape(3, 2, 2).t(), ValueError, r"t: .* at most 2 axes, had shape \(3, 2, 2\)"),
    "index": (lambda: X[3], IndexError, r"\[ \]: .* with 3: index 3 is out of bounds"),
    "Variable as an index": (lambda: X[X], TypeError, r"\[ \]: an index must be .* was a Variable"),
    "tensor as a bound": (lambda: X.clamp(torch.zeros(3, 4)), TypeError, "clamp: .* bounds must be numbers or None"),
    "list among the pieces": (lambda: tape.cat([X, [1.0]]), TypeError, "cat: every piece must be a tensor, was list"),
    "dtypes of pieces": (lambda: tape.cat([X, DOUBLE]), TypeError, "cat: every piece must be torch.float32"),
    "no pieces": (lambda: tape.cat([]), ValueError, r"cat: pieces must be a list .* was \[\]"),
    "mask of numbers": (lambda: tape.where(X.tensor, X, X), TypeError, "where: mask must be a tensor of torch.bool"),
    "dtypes of where": (lambda: tape.where(MASK, X, DOUBLE), TypeError, "operands must be of one dtype"),
    "where of numbers": (lambda: tape.where(MASK, 1.0, 0.0), TypeError, "where: a or b must be a Variable or a tensor"),
    "iteration over a scalar": (lambda: list(X.sum()), TypeError, "0-d tensor"),
    "dy missing": (lambda: (X * 2).backward(), ValueError, r"backward: dy must be given .* \(3, 4\), was None"),
    "dy a list": (lambda: (X * 2).backward([1.0]), TypeError, "backward: dy must be a tensor, was list"),
    "constant": (lambda: X.detach().sum().backward(), RuntimeError, "must depend on a leaf, but it is a constant"),
    "layer for a module": (lambda: AsLayer(framework.ReLU()), TypeError, "AsLayer: .* was ReLU; .*on_tape"),
    "number for a module": (lambda: X.draw_graph(3), TypeError, "draw_graph: module must be .* was int"),
    "two inputs of a layer": (
        lambda: tape.composed(framework.Linear(4, 2))(X, X),
        TypeError,
        "Linear: forward must be given x, was given 2 inputs",
    ),
    "layer's own words": (lambda: tape.on_tape(framework.Linear(3, 2))(X), ValueError, "^Linear: x must have 3"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line(name):
    attempt, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words) as refused:
        attempt()
    assert "\n" not in str(refused.value)


class Careless(Module):
    def forward(self, *inputs):
        return inputs[0].tensor


def test_a_module_that_returns_a_tensor_is_refused():
    with pytest.raises(TypeError, match="Careless: forward must return a Variable, returned Tensor"):
        Careless()(X)


def test_a_refused_operand_leaves_the_tape_usable():
    with pytest.raises(RuntimeError):
        tape.on_tape(framework.Linear(4, 2))(X) @ X
    leaf = Variable(torch.ones(2))
    (leaf * leaf).sum().backward()
    assert torch.equal(leaf.grad, torch.full((2,), 2.0))
