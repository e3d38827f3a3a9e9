"""Random expressions, with broadcasting and shared nodes: every leaf's gradient against torch's."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import tape

UNARY = {
    "exp": lambda v: (v * 0.1).exp(),
    "log": lambda v: (v * v + 1).log(),
    "sqrt": lambda v: (v * v + 0.5).sqrt(),
    "abs": lambda v: v.abs(),
    "clamp": lambda v: v.clamp(-0.7, 0.9),
    "relu": lambda v: v.relu(),
    "tanh": lambda v: v.tanh(),
    "sigmoid": lambda v: v.sigmoid(),
    "neg": lambda v: -v,
    "square": lambda v: (v.tanh()) ** 2,
    "power of a number": lambda v: 2.0 ** v.tanh(),
    "reversed": lambda v: 1.5 - v,
    "quotient": lambda v: 2.0 / (v * v + 1),
    "sum": lambda v: v.sum(-1, keepdim=True),
    "mean": lambda v: v.mean(0, keepdim=True),
    "amax": lambda v: v.amax(-1, keepdim=True),
    "swapped": lambda v: v.transpose(-1, -2),
    "repeated": lambda v: v.repeat(1, 2)[:, : v.shape[1]],
    "expanded": lambda v: v[None].expand(2, -1, -1).sum(0),
    "flat": lambda v: v.reshape(-1).reshape(v.shape),
    "row": lambda v: v[-1:],
    "windows": lambda v: v.unfold(0, 1, 1).sum(-1),
    "itself twice": lambda v: v + v * v.tanh(),
}
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a.tanh() * b,
    "/": lambda a, b: a / (b * b + 1),
    "**": lambda a, b: (a.tanh() * 0.5 + 1) ** b.tanh(),
    "@": lambda a, b: ((a - b).transpose(-1, -2) @ ((a - b) * b)).tanh(),
}
SHAPES = ((3, 3), (1, 3), (3, 1), (1, 1))


@st.composite
def programmes(draw):
    """Draw leaves by shape, and steps (operation, first node, second node), where nodes count from the leaves on."""
    leaves = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4))
    steps = []
    for position in range(draw(st.integers(1, 12))):
        node = st.integers(0, len(leaves) + position - 1)
        steps.append((draw(st.sampled_from([*UNARY, *BINARY])), draw(node), draw(node)))
    return leaves, steps


def run(nodes, steps):
    """Return the sum of all results, so that every node counts."""
    for name, a, b in steps:
        nodes.append(UNARY[name](nodes[a]) if name in UNARY else BINARY[name](nodes[a], nodes[b]))
    return sum((node.sum() for node in nodes[1:]), nodes[0].sum())


@settings(max_examples=250, deadline=None, derandomize=True)
@given(programmes(), st.integers(0, 2**31))
def test_every_leaf_gets_the_gradient_that_torch_finds(programme, seed):
    shapes, steps = programme
    generator = torch.Generator().manual_seed(seed)
    values = [torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]
    ours = [tape.Variable(value) for value in values]
    theirs = [value.clone().requires_grad_() for value in values]
    y = run(list(ours), steps)
    wanted = run(list(theirs), steps)
    y.backward()
    wanted.backward()
    torch.testing.assert_close(y.tensor, wanted.detach(), rtol=1e-9, atol=1e-9)
    for leaf, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(leaf.grad, other.grad, rtol=1e-8, atol=1e-8)
