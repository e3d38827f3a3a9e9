"""Exponential and tangent in several steps: as near as rounding its argument twice, and the same at every end."""

import pytest
import torch

from framework.exponential import MANY, exp, exp_, tanh

UNIT = 2.0**-24  # of float32
SPREAD = torch.linspace(-87, 88, 4 * MANY)


@pytest.mark.parametrize("scale", [1.0, -1.0, -0.5])
def test_it_is_as_near_as_its_argument_is_rounded(scale):
    wanted = SPREAD.double().mul(scale).exp()
    error = (exp_(SPREAD.clone(), scale) - wanted).abs() / wanted
    assert (error <= (2 + 1.25 * (scale * SPREAD).abs()) * UNIT).all()  # log2 e is rounded too
    if scale == 1:
        assert torch.equal(exp(SPREAD), exp_(SPREAD.clone()))


def test_it_ends_as_the_exponential_does():
    ends = torch.tensor([torch.inf, -torch.inf, torch.nan, 0.0, -0.0, 1e-45, 1000.0, -1000.0, -104.0, 89.0])
    assert torch.equal(exp(ends.repeat(MANY)).nan_to_num(nan=-1), ends.exp().nan_to_num(nan=-1).repeat(MANY))


def test_it_is_written_where_it_is_asked_for():
    out = torch.empty_like(SPREAD)
    assert exp(SPREAD, out) is out
    assert torch.equal(out, exp(SPREAD))


def test_the_tangent_keeps_its_digits_near_zero_and_ends_at_one():
    near = torch.logspace(-30, 1, MANY)
    x = torch.cat([near, -near, torch.tensor([0.0, -0.0, 1000.0, -1000.0, torch.inf, -torch.inf])])
    y, wanted = tanh(x), x.double().tanh()
    assert ((y - wanted).abs() <= 4 * UNIT * wanted.abs()).all()
    assert torch.equal(y.signbit(), x.signbit())
    assert tanh(torch.full((MANY,), torch.nan)).isnan().all()


@pytest.mark.parametrize("x", [SPREAD[: MANY - 1], SPREAD.double(), SPREAD.to(torch.bfloat16)], ids=lambda x: x.dtype)
def test_it_is_that_of_torch_where_nothing_is_gained(x):
    assert torch.equal(exp(x), x.exp())
    assert torch.equal(tanh(x), x.tanh())
    assert torch.equal(exp_(x.clone(), -2.0), x.mul(-2).exp())
