"""The layers that walk along sequences: what parity does not show of them."""

import copy

import pytest
import torch

import framework

LAYERS = {"RNN": framework.RNN, "LSTM": framework.LSTM, "GRU": framework.GRU}
STATES = {"RNN": 1, "LSTM": 2, "GRU": 1}


def states(name: str, *shape: int) -> list[torch.Tensor]:
    return [torch.randn(shape) for _ in range(STATES[name])]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout": 0.5}, "dropout must be 0"),
        ({"dropout": "much"}, "dropout must be a number"),
        ({"num_layers": 0}, "num_layers must be at least 1"),
        ({"bidirectional": 2}, "bidirectional must be a bool"),
        ({"batch_first": None}, "batch_first must be a bool"),
        ({"hidden_size": 2.0}, "hidden_size must be an int"),
    ],
)
@pytest.mark.parametrize("name", LAYERS)
def test_options_out_of_range_are_named(name, options, message):
    with pytest.raises((TypeError, ValueError), match=f"{name}: {message}"):
        LAYERS[name](**{"input_size": 3, "hidden_size": 2} | options)


def test_what_only_one_of_them_has_is_refused_by_name():
    with pytest.raises(ValueError, match="LSTM: proj_size must be 0"):
        framework.LSTM(3, 4, proj_size=2)
    with pytest.raises(ValueError, match="RNN: nonlinearity must be one of tanh, relu"):
        framework.RNN(3, 4, nonlinearity="sine")


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    ("x", "shape", "message"),
    [
        ((4, 2, 5), (1, 2, 2), r"x must be \(L, N, D\) or \(L, D\) with 3 features D"),
        ((0, 2, 3), (1, 2, 2), "at least one moment L, had shape"),
        ((4, 2, 3), (1, 3, 2), r"h0 must have shape \(1, 2, 2\), had \(1, 3, 2\)"),
        ((4, 3), (1, 1, 2), r"h0 must have shape \(1, 2\), had \(1, 1, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_told(name, x, shape, message):
    with pytest.raises(ValueError, match=f"{name}: .*{message}"):
        LAYERS[name](3, 2)(torch.zeros(x), *states(name, *shape))


def test_one_state_of_two_is_refused():
    with pytest.raises(TypeError, match="LSTM: c0 must be a tensor"):
        framework.LSTM(3, 2)(torch.zeros(4, 5, 3), torch.zeros(1, 5, 2))


@pytest.mark.parametrize("name", LAYERS)
def test_states_that_are_not_given_are_zeros_and_get_no_gradient(name):
    layer, x = LAYERS[name](3, 2, num_layers=2, bidirectional=True), torch.randn(4, 5, 3)
    without = layer(x)
    dys = [torch.randn_like(y) for y in without]
    dx = layer.backward(*dys)
    given = layer(x, *[torch.zeros(4, 5, 2)] * STATES[name])
    same, *of_states = layer.backward(*dys)
    assert all(torch.equal(a, b) for a, b in zip(without, given, strict=True))
    assert torch.equal(dx, same)
    assert [tuple(value.shape) for value in of_states] == [(4, 5, 2)] * STATES[name]


@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_none_is_answered(name):
    layer = LAYERS[name](3, 2)
    y, *ends = layer(torch.zeros(4, 0, 3))
    assert y.shape == (4, 0, 2)
    assert layer.backward(torch.zeros_like(y), *map(torch.zeros_like, ends)).shape == (4, 0, 3)
    assert not any(grad.any() for _, grad in layer.param())


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("size", [1e4, 1e30, 3e38])
def test_extremes_stay_finite(name, size):
    layer, x = LAYERS[name](3, 2), torch.tensor([[[size, -size, 1.0]], [[-size, size, 0.0]], [[1.0, 2.0, 3.0]]])
    outputs = layer(x)
    returned = layer.backward(*map(torch.ones_like, outputs))
    assert all(value.isfinite().all() for value in (*outputs, returned))


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_returned_shares_no_memory_with_what_was_given(name):
    layer, given = LAYERS[name](3, 2), (torch.randn(1, 5, 3), *states(name, 1, 5, 2))
    before = copy.deepcopy(given)
    outputs = layer(*given)
    dys = [torch.randn_like(y) for y in outputs]
    kept = copy.deepcopy(dys)
    returned = layer.backward(*dys)
    memory = [value.untyped_storage().data_ptr() for value in (*outputs, *returned)]
    assert len(set(memory)) == len(memory)
    assert not set(memory) & {value.untyped_storage().data_ptr() for value in (*given, *dys)}
    assert all(torch.equal(a, b) for a, b in zip((*given, *dys), (*before, *kept), strict=True))


@pytest.mark.parametrize("name", LAYERS)
def test_a_written_state_is_noticed(name):
    layer, given = LAYERS[name](3, 2), [torch.randn(4, 5, 3), *states(name, 1, 5, 2)]
    outputs = layer(*given)
    given[1].mul_(2)
    with pytest.raises(RuntimeError, match=f"{name}: the tensors of forward must be unchanged until backward"):
        layer.backward(*map(torch.ones_like, outputs))


@pytest.mark.parametrize("name", LAYERS)
def test_parameters_bear_the_names_of_torch_in_its_order(name):
    options = {"input_size": 3, "hidden_size": 2, "num_layers": 2, "bidirectional": True}
    wanted = {key: value.shape for key, value in getattr(torch.nn, name)(**options).named_parameters()}
    got = {key: value.value.shape for key, value in LAYERS[name](**options).named_parameters().items()}
    assert list(got.items()) == list(wanted.items())
