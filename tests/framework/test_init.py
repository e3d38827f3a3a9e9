"""Initial values: mean and variance as the theory says and as torch.nn.init gives them."""

from math import sqrt

import pytest
import torch
from torch import nn

import framework
from framework import init

SHAPE = (120, 50, 3, 5)  # fan in 750, fan out 1800
CASES = {
    "uniform": (lambda w: init.uniform(w, -1, 3), lambda w: nn.init.uniform_(w, -1, 3), 1, 4 / sqrt(12)),
    "normal": (lambda w: init.normal(w, 1, 2), lambda w: nn.init.normal_(w, 1, 2), 1, 2),
    "constant": (lambda w: init.constant(w, 0.5), lambda w: nn.init.constant_(w, 0.5), 0.5, 0),
    "uniform by default": (init.uniform, nn.init.uniform_, 0.5, 1 / sqrt(12)),
    "normal by default": (init.normal, nn.init.normal_, 0, 1),
    "constant by default": (init.constant, nn.init.zeros_, 0, 0),
    "xavier_uniform": (init.xavier_uniform, nn.init.xavier_uniform_, 0, sqrt(2 / 2550)),
    "xavier_normal": (init.xavier_normal, nn.init.xavier_normal_, 0, sqrt(2 / 2550)),
    "xavier_uniform with gain": (
        lambda w: init.xavier_uniform(w, 5 / 3),
        lambda w: nn.init.xavier_uniform_(w, 5 / 3),
        0,
        5 / 3 * sqrt(2 / 2550),
    ),
    "xavier_normal with gain": (
        lambda w: init.xavier_normal(w, 5 / 3),
        lambda w: nn.init.xavier_normal_(w, 5 / 3),
        0,
        5 / 3 * sqrt(2 / 2550),
    ),
    "he_uniform": (init.he_uniform, lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"), 0, sqrt(2 / 750)),
    "he_normal": (init.he_normal, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"), 0, sqrt(2 / 750)),
    "torch_default": (
        lambda w: init.torch_default(w, 750),
        lambda w: nn.init.kaiming_uniform_(w, a=sqrt(5)),
        0,
        1 / sqrt(3 * 750),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_moments_are_the_theory_s(name):
    initialise, _, mean, std = CASES[name]
    torch.manual_seed(1)
    weight = torch.empty(SHAPE, dtype=torch.float64)
    assert initialise(weight) is weight
    count = weight.numel()
    assert abs(weight.mean() - mean) <= 5 * std / sqrt(count)
    assert abs(weight.var() - std**2) <= 5 * std**2 * sqrt(2 / count)


@pytest.mark.parametrize("name", CASES)
def test_draws_are_torch_s_for_one_seed(name):
    initialise, reference, _, _ = CASES[name]
    torch.manual_seed(2)
    own = initialise(torch.empty(SHAPE))
    torch.manual_seed(2)
    torch.testing.assert_close(own, reference(torch.empty(SHAPE)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("own", "reference"),
    [
        (lambda: framework.Linear(7, 5), lambda: nn.Linear(7, 5)),
        (lambda: framework.Conv2d(4, 6, (3, 2), groups=2), lambda: nn.Conv2d(4, 6, (3, 2), groups=2)),
        (lambda: framework.ConvTranspose2d(4, 6, 3, groups=2), lambda: nn.ConvTranspose2d(4, 6, 3, groups=2)),
        (lambda: framework.Upsampling(4, 6, 3), lambda: nn.Conv2d(4, 6, 3)),
    ],
)
def test_a_new_layer_starts_where_torch_s_does(own, reference):
    torch.manual_seed(3)
    layer = own()
    torch.manual_seed(3)
    for name, value in reference().state_dict().items():
        torch.testing.assert_close(layer.state_dict()[name], value, rtol=1e-6, atol=1e-7)


def test_fans_need_two_axes():
    assert init.fans(torch.empty(SHAPE)) == (750, 1800)
    with pytest.raises(ValueError, match="at least 2 axes"):
        init.fans(torch.empty(3))


def test_what_has_no_inputs_begins_at_zero():
    assert not init.torch_default(torch.ones(3), 0).any()
