"""Activations where their textbook forms fail: far out on either side."""

import pytest
import torch

import framework as fw

# x, y and dy/dx to 17 digits, by arithmetic of 80
EXACT = {
    "SiLU": [
        (-40.0, -1.6993417021166355e-16, -1.6568581595637195e-16),
        (-2.0, -0.23840584404423512, -0.090784248784895480),
        (40.0, 40.0, 1.0000000000000002),
    ],
    "Mish": [
        (-40.0, -1.6993417021166355e-16, -1.6568581595637195e-16),
        (-2.0, -0.25250148269570890, -0.10835509242039394),
        (2.0, 1.9439589595339946, 1.0693179342794896),
        (40.0, 40.0, 1.0),
    ],
    "LogSigmoid": [
        (-800.0, -800.0, 1.0),
        (-2.0, -2.1269280110429725, 0.8807970779778824),
        (40.0, -4.2483542552915889e-18, 4.2483542552915889e-18),
    ],
    "Softplus": [
        (-40.0, 4.2483542552915889e-18, 4.2483542552915889e-18),
        (2.0, 2.1269280110429725, 0.8807970779778824),
        (800.0, 800.0, 1.0),
    ],
    "SELU": [
        (-40.0, -1.7580993408473769, 7.4690288159142912e-18),
        (-(2.0**-20), -1.6766533875661372e-06, 1.7580976641939893),
        (3.0, 3.1521029620664415, 1.0507009873554805),
    ],
    "Softsign": [
        (-1e12, -0.999999999999, 9.99999999998e-25),
        (-2.0, -0.66666666666666667, 0.11111111111111111),
        (1e150, 1.0, 1e-300),
    ],
    "Tanhshrink": [(-800.0, -799.0, 1.0), (-2.0, -1.0359724199241831, 0.92934917514683553)],
    "Hardsigmoid": [
        (-3.0, 0.0, 0.0),
        (-2.75, 0.041666666666666667, 0.16666666666666667),
        (1.0, 0.66666666666666667, 0.16666666666666667),
        (4.0, 1.0, 0.0),
    ],
}


@pytest.mark.parametrize("name", EXACT)
def test_nothing_overflows_and_the_tail_keeps_its_digits(name: str) -> None:
    x, y, slope = torch.tensor(EXACT[name], dtype=torch.float64).unbind(1)
    layer = getattr(fw, name)()
    torch.testing.assert_close(layer(x), y, rtol=1e-15, atol=0)
    torch.testing.assert_close(layer.backward(torch.ones_like(x)), slope, rtol=4e-15, atol=0)


def test_one_slope_meets_at_zero_whatever_alpha_is() -> None:
    layer = fw.CELU(alpha=0.25)
    layer(torch.zeros(1))
    assert layer.backward(torch.ones(1)).item() == 1


def test_a_slope_is_kept_where_the_square_below_it_overflows() -> None:
    layer = fw.Softsign()
    layer(torch.tensor([1e20]))
    torch.testing.assert_close(layer.backward(torch.tensor([1e10])), torch.tensor([1e-30]), rtol=1e-6, atol=0)


def test_softsign_is_nan_at_infinity_as_in_torch_and_flat() -> None:
    layer = fw.Softsign()
    assert layer(torch.tensor([torch.inf, -torch.inf])).isnan().all()
    assert layer.backward(torch.ones(2)).tolist() == [0, 0]


def test_the_slope_of_a_hard_sigmoid_is_a_sixth_to_all_digits() -> None:
    layer = fw.Hardsigmoid()
    layer(torch.zeros(1, dtype=torch.float64))
    assert layer.backward(torch.ones(1, dtype=torch.float64)).item() == 1 / 6  # torch.nn's is off by 3e-8


def test_what_is_shorter_than_the_shrinkage_is_nothing() -> None:
    layer = fw.Softshrink(0.75)
    assert layer(torch.tensor([-2.0, -0.75, 0.5, 1.0, torch.inf])).tolist() == [-1.25, 0, 0, 0.25, torch.inf]
    assert layer.backward(torch.ones(5)).tolist() == [1, 0, 0, 1, 1]
    with pytest.raises(ValueError, match="Softshrink: lambd must be at least 0, was -1"):
        fw.Softshrink(-1)


def test_halves_are_needed() -> None:
    with pytest.raises(ValueError, match="two halves along dim -1"):
        fw.GLU()(torch.zeros(2, 3))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_bound_of_hardtanh_is_no_number_of_few_digits(dtype: torch.dtype) -> None:
    """What the dtype holds just below the bound is inside, although the bound is rounded to it."""
    x = torch.tensor([1.7980797460545814, -1.2020797460545814]).to(dtype)
    module = fw.Hardtanh(float(x[1]) - 1e-4, float(x[0]) + 1e-4)
    module(x)
    assert torch.equal(module.backward(torch.ones_like(x)), torch.ones_like(x))
