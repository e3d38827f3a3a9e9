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


def test_halves_are_needed() -> None:
    with pytest.raises(ValueError, match="two halves along dim -1"):
        fw.GLU()(torch.zeros(2, 3))
