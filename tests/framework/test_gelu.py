"""GELU where its textbook form fails: far out on either side, and at what is not finite."""

import pytest
import torch

import framework as fw
from framework import tape

# x, y and dy/dx, to 17 digits by arithmetic of 50
EXACT = [
    (-37.0, -2.1184613523340934e-298, -7.8382986694185162e-297),
    (-20.0, -5.5072482372124674e-88, -1.1014360483133464e-86),
    (-10.0, -7.6198530241605261e-23, -7.6184000964648141e-22),
    (-5.0, -1.4332578593959696e-6, -7.1469460017922946e-6),
    (-0.5, -0.15426876936299345, 0.13250487534383716),
    (-(2.0**-40), -4.5474735088613412e-13, 0.49999999999927433),
    (0.5, 0.34573123063700655, 0.86749512465616284),
    (3.0, 2.9959503059051097, 1.0119456472041839),
    (40.0, 40.0, 1.0),
]
TANH = [
    (-20.0, -3.3754509563109673e-261, -2.9424328724945029e-259),
    (-10.0, -1.204092348209806e-37, -2.7576380638540316e-36),
    (-5.0, -2.291796196629506e-7, -1.5463619875325946e-6),
    (-0.5, -0.15428599017485608, 0.13263009646535769),
    (-(2.0**-40), -4.5474735088613412e-13, 0.49999999999927433),
    (0.5, 0.34571400982514392, 0.86736990353464231),
    (3.0, 2.996362607918227, 1.0115841666309697),
    (40.0, 40.0, 1.0),
]


@pytest.mark.parametrize(("approximate", "rows"), [("none", EXACT), ("tanh", TANH)])
def test_the_tail_keeps_its_digits(approximate, rows):
    x, y, slope = torch.tensor(rows, dtype=torch.float64).unbind(1)
    layer = fw.GELU(approximate)
    # a rounding of x alone moves y by (1 + x²) of it, or twice 2u of it
    torch.testing.assert_close(layer(x), y, rtol=2e-13, atol=0)
    torch.testing.assert_close(layer.backward(torch.ones_like(x)), slope, rtol=2e-13, atol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_the_largest_numbers_are_passed_or_stopped(approximate, dtype):
    greatest = torch.finfo(dtype).max
    x = torch.tensor([greatest, -greatest, 1e3, -1e3], dtype=dtype)
    layer = fw.GELU(approximate)
    assert layer(x).tolist() == [greatest, 0, 1e3, 0]
    assert layer.backward(torch.ones_like(x)).tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_the_smallest_numbers_are_halved(approximate):
    x = torch.tensor([1e-310, -1e-310, 5e-324, 0.0, -0.0], dtype=torch.float64)
    layer = fw.GELU(approximate)
    assert layer(x).tolist() == (x / 2).tolist()
    assert torch.signbit(layer(x)).tolist() == [False, True, False, False, True]
    assert layer.backward(torch.ones_like(x)).tolist() == [0.5] * 5


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_what_is_not_finite_ends_as_in_torch(approximate):
    x = torch.tensor([float("inf"), -float("inf"), float("nan")], dtype=torch.float64)
    layer = fw.GELU(approximate)
    torch.testing.assert_close(layer(x), x.new_tensor([float("inf"), float("nan"), float("nan")]), equal_nan=True)
    assert layer.backward(torch.ones_like(x)).isnan().all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_sixteen_bits_round_once(approximate, dtype):
    x = torch.linspace(-4, 4, 401, dtype=dtype)
    dy = torch.linspace(1, -2, 401, dtype=dtype)
    narrow, truth = fw.GELU(approximate), fw.GELU(approximate)
    torch.testing.assert_close(narrow(x).double(), truth(x.double()).to(dtype).double(), rtol=1e-9, atol=1e-12)
    got, wanted = narrow.backward(dy), truth.backward(dy.double())
    torch.testing.assert_close(got, wanted.to(dtype), rtol=torch.finfo(dtype).eps, atol=1e-7)


def test_the_tape_calls_it_as_one_operator():
    x, layer = torch.linspace(-3, 3, 7), fw.GELU("tanh")
    leaf = tape.Variable(x)
    tape.on_tape(layer)(leaf).sum().backward()
    layer(x)
    assert torch.equal(leaf.grad, layer.backward(torch.ones_like(x)))
