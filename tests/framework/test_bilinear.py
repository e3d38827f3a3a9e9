"""The layer of two inputs: what parity does not show of it."""

import pytest
import torch

import framework


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((5, 3), (5, 2)), r"input1 must have shape \(5, 4\), had \(5, 3\)"),
        (((5, 4), (6, 2)), r"input2 must have shape \(5, 2\), had \(6, 2\)"),
        (((), (2,)), "input1 must have 4 features on its last axis"),
    ],
)
def test_shapes_that_do_not_fit_are_told(shapes, message):
    with pytest.raises(ValueError, match=f"Bilinear: {message}"):
        framework.Bilinear(4, 2, 3)(*map(torch.zeros, shapes))


def test_one_input_is_too_few():
    with pytest.raises(TypeError, match="Bilinear: forward must be given input1 and input2"):
        framework.Bilinear(4, 2, 3)(torch.zeros(5, 4))


def test_a_bias_that_is_no_bool_is_named():
    with pytest.raises(TypeError, match="Bilinear: bias must be a bool"):
        framework.Bilinear(4, 2, 3, bias="yes")


def test_rows_do_not_meet_each_other():
    layer, x1, x2 = framework.Bilinear(4, 2, 3), torch.randn(5, 4), torch.randn(5, 2)
    whole = layer(x1, x2)
    alone = torch.stack([layer(a, b) for a, b in zip(x1, x2, strict=True)])
    torch.testing.assert_close(whole, alone)


def test_it_keeps_what_it_was_given_and_its_weight():
    layer, x1, x2 = framework.Bilinear(4, 2, 3), torch.randn(5, 4), torch.randn(5, 2)
    layer(x1, x2)
    assert [value.data_ptr() for value in layer.saved] == [value.data_ptr() for value in (x1, x2, layer.weight)]
