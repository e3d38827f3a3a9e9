"""Operators one by one beside torch's: shapes that broadcast, elements picked twice, kinks, sixteen bits."""

import pytest
import torch

from framework import tape
from framework.tape import Variable
from framework.tape.operators.broadcasting import summed_to

SHAPES = [
    ((1, 3), (4, 2, 3)),
    ((3, 1), (2, 3, 4)),
    ((1,), (3, 4)),
    ((4,), (3, 4)),
    ((), (2, 3)),
    ((2, 1, 1), (5, 2, 3, 4)),
    ((1, 3, 1), (2, 5, 3, 4)),
    ((1, 1), (1, 1, 1)),
    ((2, 3), (2, 3)),
    ((1, 3), (0, 3)),
]


@pytest.mark.parametrize(("shape", "repeated"), SHAPES)
def test_the_axes_that_were_repeated_are_summed(shape, repeated):
    dy = torch.randn(repeated, dtype=torch.float64)
    torch.testing.assert_close(summed_to(dy, torch.Size(shape)), dy.sum_to_size(shape), rtol=1e-12, atol=1e-12)


def agree(function, *tensors):
    """Compare output and the gradient of every operand with torch's, for a drawn cotangent."""
    ours = [Variable(tensor) for tensor in tensors]
    theirs = [tensor.clone().requires_grad_() for tensor in tensors]
    y, wanted = function(*ours), function(*theirs)
    torch.testing.assert_close(y.tensor, wanted.detach(), equal_nan=True)
    dy = torch.randn_like(wanted)
    y.backward(dy)
    wanted.backward(dy)
    for leaf, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(leaf.grad, other.grad, equal_nan=True)


def drawn(*shape):
    generator = torch.Generator().manual_seed(len(shape))
    return torch.rand(shape, dtype=torch.float64, generator=generator) + 0.5


BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


@pytest.mark.parametrize(("shape", "other"), SHAPES[:-1])
@pytest.mark.parametrize("name", BINARY)
def test_operands_of_two_ranks_get_gradients_of_their_own_shapes(name, shape, other):
    agree(BINARY[name], drawn(*shape), drawn(*other))
    agree(BINARY[name], drawn(*other), drawn(*shape))


@pytest.mark.parametrize("name", BINARY)
def test_a_number_may_stand_on_either_side(name):
    agree(lambda a: BINARY[name](a, 2.5), drawn(2, 3))
    agree(lambda a: BINARY[name](2.5, a), drawn(2, 3))


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow"])
def test_an_operator_has_a_method_of_its_name(name):
    agree(lambda a, b: getattr(a, name)(b), drawn(2, 3), drawn(3))
    agree(lambda a: a.neg(), drawn(2, 3))


@pytest.mark.parametrize("shape", [(2, 0, 3), (0, 1)])
def test_zeros_are_spread_among_no_elements_too(shape):
    x = Variable(torch.zeros(shape))
    y = x.spread(1, 3)
    assert y.tensor.shape == (*shape[:-1], 3 * shape[-1] - 2)
    assert Variable(torch.zeros(1, 0)).spread(1, 2).tensor.shape == (1, 0)


@pytest.mark.parametrize("mask", [torch.tensor([True, False, True]), torch.tensor([[True], [False]])])
def test_where_sums_over_what_was_repeated(mask):
    a, b = drawn(3), drawn(2, 3)
    ours, theirs = [Variable(value) for value in (a, b)], [value.clone().requires_grad_() for value in (a, b)]
    tape.where(mask, *ours).sum().backward()
    torch.where(mask, *theirs).sum().backward()
    for leaf, other in zip(ours, theirs, strict=True):
        assert torch.equal(leaf.grad, other.grad)


ROW = torch.tensor([-2.0, -0.5, -0.0, 0.0, 0.5, 2.0], dtype=torch.float64)
ZEROS = torch.zeros(3, dtype=torch.float64)
KINKS = {
    "abs": lambda v: v.abs(),
    "relu": lambda v: v.relu(),
    "clamp": lambda v: v.clamp(-0.5, 0.5),
    "clamp below": lambda v: v.clamp(min=0.0),
    "clamp above": lambda v: v.clamp(max=0.0),
    "power 0": lambda v: v**0,
    "power 0.0": lambda v: v**0.0,
    "power 1": lambda v: v**1,
    "power 2": lambda v: v**2,
    "amax": lambda v: v.abs().amax(0),
}


@pytest.mark.parametrize("name", KINKS)
def test_at_a_kink_the_slope_is_torch_s(name):
    agree(KINKS[name], ROW)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_a_power_of_zero_has_torch_s_slopes(exponent):
    agree(lambda a, b: a**b, ZEROS, ZEROS + exponent)
    agree(lambda b: 0.0**b, ZEROS + exponent)


INDICES = {
    "number": 1,
    "slice": slice(1, None, 2),
    "from the back": (Ellipsis, -1),
    "new axis": (None, slice(2)),
    "picked twice": torch.tensor([0, 2, 2, 0]),
    "list": [1, 1, 0],
    "pairs picked twice": (torch.tensor([0, 1, 1]), torch.tensor([2, 3, 3])),
    "row and list": (1, [0, 0, 3]),
    "mask": torch.tensor([True, False, True]),
    "mask of elements": torch.arange(12).view(3, 4) % 5 == 0,
}


@pytest.mark.parametrize("name", INDICES)
def test_elements_that_are_picked_twice_get_both_gradients(name):
    agree(lambda v: v[INDICES[name]], drawn(3, 4))


def test_gather_adds_what_reads_one_element_twice():
    index = torch.tensor([[0, 0, 2], [1, 1, 1]])
    agree(lambda v: v.gather(1, index), drawn(2, 4))
    agree(lambda v: v.gather(0, index), drawn(3, 3))


SHAPED = {
    "permute": lambda v: v.permute(2, 0, 1),
    "permute from the back": lambda v: v.permute(-1, 0, -2),
    "repeat": lambda v: v.repeat(2, 1, 3),
    "repeat on new axes": lambda v: v.repeat(2, 1, 3, 2),
    "flip": lambda v: v.flip(0, 2),
    "expand": lambda v: v[:, :1].expand(2, -1, 5, -1),
    "windows": lambda v: v.unfold(1, 2, 1),
    "windows apart": lambda v: v.unfold(2, 2, 3),
    "mean of two axes": lambda v: v.mean((0, 2)),
    "sum of two axes": lambda v: v.sum((0, -1)),
    "flat": lambda v: v.flatten(1),
    "transposed": lambda v: v.transpose(0, -1),
}


@pytest.mark.parametrize("name", SHAPED)
def test_what_moves_or_copies_elements_is_torch_s(name):
    agree(SHAPED[name], drawn(2, 3, 4))


def test_a_transpose_leaves_a_vector_as_it_is():
    agree(lambda v: v.t(), drawn(3))
    agree(lambda v: v.t(), drawn(3, 4))
    agree(lambda v: v.T, drawn(3, 4))


@pytest.mark.parametrize("dim", [1, -2])
def test_every_piece_gets_its_part_of_the_gradient(dim):
    ours = [Variable(drawn(2, extent, 3)) for extent in (1, 4, 2)]
    dy = torch.randn(2, 7, 3, dtype=torch.float64)
    tape.cat([ours[0], ours[1].tensor, ours[2]], dim).backward(dy)
    assert torch.equal(ours[0].grad, dy[:, :1])
    assert ours[1].grad is None
    assert torch.equal(ours[2].grad, dy[:, 5:])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 4), (4, 2)),
        ((5, 3, 4), (4, 2)),
        ((3, 4), (5, 4, 2)),
        ((5, 1, 3, 4), (6, 4, 2)),
        ((1, 3, 4), (5, 4, 2)),
        ((5, 3, 4), (1, 4, 2)),
        ((4,), (4,)),
        ((4,), (5, 4, 2)),
        ((5, 3, 4), (4,)),
    ],
)
def test_products_of_matrices_sum_over_the_batches_that_were_repeated(a, b):
    agree(lambda x, y: x @ y, drawn(*a), drawn(*b))


def test_windows_add_up_in_more_than_sixteen_bits():
    taps = 512  # a sum of ones in bfloat16 itself ends at 256
    x = Variable(torch.ones(2 * taps - 1, dtype=torch.bfloat16))
    windows = x.unfold(0, taps, 1)
    windows.backward(torch.ones_like(windows.tensor))
    assert x.grad[taps - 1] == taps


def test_no_extents_are_the_shape_of_one_number():
    x = Variable(torch.tensor([3.0]))
    y = x.reshape()
    y.backward()
    assert (y.shape, x.grad.tolist()) == ((), [1.0])


def test_slices_are_read_and_summed_by_their_numbers():
    index = torch.tensor([2, 0, 2, 2])
    agree(lambda v: v.index_select(1, index), drawn(2, 4))
    agree(lambda v: v.index_select(-1, index), drawn(2, 4, 3))
    x = Variable(drawn(4, 2))
    y = x.index_sum(0, index, 4)
    assert torch.equal(y.tensor[1], torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(y.tensor[2], x.tensor[[0, 2, 3]].sum(0))
    dy = torch.randn(4, 2, dtype=torch.float64)
    y.backward(dy)
    assert torch.equal(x.grad, dy[index])


def test_sums_by_number_are_of_float32_in_sixteen_bits():
    index = torch.zeros(4096, dtype=torch.int64)
    x = Variable(torch.ones(1, dtype=torch.bfloat16))
    x.index_select(0, index).sum().backward()
    assert x.grad.item() == 4096  # bfloat16 by itself would stop at 256
    assert Variable(torch.ones(4096, dtype=torch.bfloat16)).index_sum(0, index, 1).item() == 4096


def test_a_change_of_format_comes_back_in_its_own():
    agree(lambda v: v.to(torch.float32).to(torch.float64), drawn(3, 4))
    x = Variable(torch.ones(3, dtype=torch.bfloat16))
    x.to(torch.float32).sum().backward()
    assert x.grad.dtype == torch.bfloat16
    with pytest.raises(TypeError, match=r"to: cannot be applied to .*: dtype must be a floating-point one"):
        x.to(torch.int64)


def test_the_tail_of_erfc_keeps_its_digits():
    agree(lambda v: v.erfc(), torch.linspace(-5, 8, 20, dtype=torch.float64))
