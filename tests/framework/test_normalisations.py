"""Layers that normalise: beside torch.nn in float64, at extremes, and what they keep and refuse."""

import itertools

import pytest
import torch
from torch import nn

import framework as fw
from framework import normalised

IMAGES = torch.randn(2, 6, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
SWITCHES = list(itertools.product((True, False), (True, False)))


def agree(own, reference, x):
    """Compare output and every gradient with random parameters."""
    own, reference = own.to(dtype=x.dtype), reference.to(x.dtype)
    for parameter in reference.parameters():
        nn.init.normal_(parameter)
    own.zero_grad()
    own.load_state_dict({name: value.detach() for name, value in reference.state_dict().items()})
    watched = x.clone().requires_grad_()
    wanted = reference(watched)
    dy = torch.randn_like(wanted)
    wanted.backward(dy)
    pairs = [(own(x), wanted.detach()), (own.backward(dy), watched.grad)]
    pairs += [(own.named_parameters()[name].grad, value.grad) for name, value in reference.named_parameters()]
    for got, expected in pairs:
        torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-10, equal_nan=True)


@pytest.mark.parametrize("shape", [5, (4, 5), (6, 4, 5), (2, 6, 4, 5)], ids=str)
def test_norms_of_last_axes_agree(shape):
    for affine, bias in SWITCHES:
        agree(fw.LayerNorm(shape, 1e-3, affine, bias), nn.LayerNorm(shape, 1e-3, affine, bias), IMAGES)
        agree(fw.RMSNorm(shape, elementwise_affine=affine), nn.RMSNorm(shape, elementwise_affine=affine), IMAGES)
    agree(fw.LayerNorm(shape), nn.LayerNorm(shape), 1e12 * IMAGES)
    if shape == 5:
        agree(fw.LayerNorm(5), nn.LayerNorm(5), IMAGES[:0])
        agree(fw.RMSNorm(5), nn.RMSNorm(5), IMAGES[0, 0, 0])


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_norms_of_groups_agree(groups):
    for affine, bias in SWITCHES:
        own = fw.GroupNorm(groups, 6, affine=affine, bias=bias)
        for x in (IMAGES, IMAGES[..., 0], IMAGES[..., 0, 0], IMAGES[:0], IMAGES[..., None]):
            agree(own, nn.GroupNorm(groups, 6, affine=affine, bias=bias), x)


def test_norms_of_instances_agree_and_are_those_of_groups_of_one():
    for affine, bias in SWITCHES:
        own = fw.InstanceNorm2d(6, affine=affine, bias=bias)
        agree(own, nn.InstanceNorm2d(6, affine=affine, bias=bias), IMAGES)
        groups = fw.GroupNorm(6, 6, affine=False, dtype=torch.float64)
    assert torch.equal(fw.InstanceNorm2d(6)(IMAGES), groups(IMAGES))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 13])
def test_responses_agree(size):
    for options in ({}, {"alpha": 0.5, "beta": 1.3, "k": 2.0}):
        for x in (IMAGES, IMAGES[..., 0], IMAGES[..., None], IMAGES[:0], IMAGES[:, :0]):
            agree(fw.LocalResponseNorm(size, **options), nn.LocalResponseNorm(size, **options), x)


def test_learnt_slopes_agree():
    for x in (IMAGES, IMAGES[..., 0, 0], IMAGES[:0]):
        agree(fw.PReLU(6), nn.PReLU(6), x)
        agree(fw.PReLU(), nn.PReLU(), x)
    for x in (IMAGES[0, 0, 0], IMAGES[0, 0, 0, 0]):
        agree(fw.PReLU(), nn.PReLU(), x)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: fw.LayerNorm((2, 3)), {"weight": 1.0, "bias": 0.0}),
        (lambda: fw.LayerNorm(3, bias=False), {"weight": 1.0}),
        (lambda: fw.LayerNorm(3, elementwise_affine=False), {}),
        (lambda: fw.RMSNorm(3), {"weight": 1.0}),
        (lambda: fw.GroupNorm(1, 3), {"weight": 1.0, "bias": 0.0}),
        (lambda: fw.InstanceNorm2d(3), {}),
        (lambda: fw.InstanceNorm2d(3, affine=True), {"weight": 1.0, "bias": 0.0}),
        (lambda: fw.PReLU(3), {"weight": 0.25}),
        (lambda: fw.PReLU(2, init=-1), {"weight": -1.0}),
    ],
)
def test_parameters_start_as_in_torch(make, names):
    state = make().state_dict()
    assert {name: float(value.unique()) for name, value in state.items()} == names


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_offset_costs_the_digits_of_the_mean_and_not_those_of_its_square(dtype):
    x = (IMAGES.flatten(1) + 1000).to(dtype)
    wanted = nn.functional.layer_norm(x.double(), x.shape[1:])
    got = fw.LayerNorm(x.shape[1], elementwise_affine=False)(x)
    assert got.dtype == dtype
    allowed = 1000 * torch.finfo(torch.float32).eps + 4 * torch.finfo(dtype).eps
    torch.testing.assert_close(got.double(), wanted, rtol=0, atol=2 * allowed)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_without_eps_it_is_that_of_the_format_computed_in(dtype):
    x = torch.full((1, 4), 1e-4, dtype=dtype)  # so small that eps counts
    torch.testing.assert_close(fw.RMSNorm(4, dtype=dtype)(x), nn.RMSNorm(4, dtype=dtype)(x).detach())


def test_half_precision_neither_overflows_nor_is_kept_wide_in_the_output():
    x = torch.full((2, 4, 3, 3), 6e4, dtype=torch.float16)
    x[:, ::2] *= -1
    for layer in (fw.LayerNorm(3), fw.GroupNorm(2, 4), fw.LocalResponseNorm(3), fw.RMSNorm(3)):
        layer.to(torch.float16)
        assert layer(x).dtype == layer.backward(x).dtype == torch.float16
        narrow = layer(x).double()
        torch.testing.assert_close(narrow, layer.to(torch.float64)(x.double()), rtol=2e-3, atol=0)


@pytest.mark.parametrize("value", [1e30, 1e-30])
def test_numbers_whose_squares_are_not_there_give_what_torch_gives(value):
    x = value * IMAGES.float()
    for own, reference in (
        (fw.GroupNorm(2, 6), nn.GroupNorm(2, 6)),  # of 1e30, torch.nn.LayerNorm gives nan
        (fw.RMSNorm(5, 1e-5), nn.RMSNorm(5, 1e-5)),
        (fw.LocalResponseNorm(3), nn.LocalResponseNorm(3)),
    ):
        torch.testing.assert_close(own(x), reference(x).detach())


def test_an_infinity_stays_in_its_window():
    x = torch.ones(1, 6, 2)
    x[0, 1] = torch.inf
    layer = fw.LocalResponseNorm(3)
    assert layer(x)[0, :, 0].isnan().tolist() == [False, True, False, False, False, False]
    assert layer.backward(torch.ones_like(x))[0, 3:].isfinite().all()


def test_what_is_saved_is_what_backward_reads():
    x = IMAGES.float()
    plain, scaled = fw.LayerNorm(5, elementwise_affine=False), fw.LayerNorm(5)
    plain(x), scaled(x)
    assert [tuple(value.shape) for value in plain.saved] == [(48, 5), (48, 1)]
    assert [tuple(value.shape) for value in scaled.saved] == [(48, 5), (48, 1), (5,)]
    scaled.weight.mul_(2)
    with pytest.raises(RuntimeError, match="LayerNorm: the tensors of forward must be unchanged until backward"):
        scaled.backward(x)


def test_the_input_may_change_once_its_norm_is_kept():
    x = IMAGES.clone()
    layer = fw.GroupNorm(2, 6, dtype=x.dtype)
    layer(x)
    wanted = layer.backward(IMAGES)
    x.zero_()
    assert torch.equal(layer.backward(IMAGES), wanted)


X, ROWS = torch.zeros(2, 3, 5, 5), torch.zeros(2, 3)
REFUSED = [
    (lambda: fw.LayerNorm(4)(ROWS), ValueError, "LayerNorm: x must end in the extents (4,), had shape (2, 3)"),
    (lambda: fw.LayerNorm((5, 5))(ROWS[0]), ValueError, "LayerNorm: x must end in the extents (5, 5), had shape (3,)"),
    (lambda: fw.LayerNorm(()), ValueError, "LayerNorm: normalized_shape must hold at least one int, was ()"),
    (lambda: fw.LayerNorm((2, 0)), ValueError, "LayerNorm: normalized_shape must be at least 1, was 0"),
    (lambda: fw.LayerNorm("5"), TypeError, "LayerNorm: normalized_shape must be an int, was '5'"),
    (lambda: fw.LayerNorm(5, eps=None), TypeError, "LayerNorm: eps must be a number, was None"),
    (lambda: fw.LayerNorm(5, eps=-1), ValueError, "LayerNorm: eps must be at least 0.0, was -1"),
    (lambda: fw.LayerNorm(5, elementwise_affine=1), TypeError, "LayerNorm: elementwise_affine must be a bool, was 1"),
    (lambda: fw.LayerNorm(3)(ROWS.double()), TypeError, "LayerNorm: x must be torch.float32 as weight is, was torch"),
    (lambda: fw.RMSNorm(3)(ROWS.long()), TypeError, "RMSNorm: x must be of a floating-point dtype, was torch.int64"),
    (lambda: fw.RMSNorm(5, dtype=torch.int32), TypeError, "RMSNorm: dtype must be one of torch.float16"),
    (lambda: fw.GroupNorm(2, 3), ValueError, "GroupNorm: num_channels must be divisible by num_groups 2, was 3"),
    (lambda: fw.GroupNorm(0, 3), ValueError, "GroupNorm: num_groups must be at least 1, was 0"),
    (lambda: fw.GroupNorm(1, 4)(X), ValueError, "GroupNorm: x must have 4 channels on axis 1, had shape (2, 3, 5, 5)"),
    (lambda: fw.GroupNorm(1, 4)(X[0, 0, 0]), ValueError, "GroupNorm: x must have at least 2 axes (N, C, *), had shape"),
    (lambda: fw.GroupNorm(1, 3, bias="no"), TypeError, "GroupNorm: bias must be a bool, was 'no'"),
    (
        lambda: fw.InstanceNorm2d(3, track_running_stats=True),
        ValueError,
        "InstanceNorm2d: track_running_stats must be False (none are kept here), was True",
    ),
    (lambda: fw.InstanceNorm2d(3, momentum="x"), TypeError, "InstanceNorm2d: momentum must be a number, was 'x'"),
    (lambda: fw.InstanceNorm2d(3)(X[0]), ValueError, "InstanceNorm2d: x must have 4 axes (N, C, H, W), had shape"),
    (lambda: fw.InstanceNorm2d(3)(X[..., :1, :1]), ValueError, "InstanceNorm2d: x must have more than one pixel, had"),
    (lambda: fw.LocalResponseNorm(0), ValueError, "LocalResponseNorm: size must be at least 1, was 0"),
    (lambda: fw.LocalResponseNorm(2, k="x"), TypeError, "LocalResponseNorm: k must be a number, was 'x'"),
    (
        lambda: fw.LocalResponseNorm(2)(ROWS),
        ValueError,
        "LocalResponseNorm: x must have at least 3 axes (N, C, *), had",
    ),
    (lambda: fw.PReLU(4)(X), ValueError, "PReLU: x must have 4 channels on axis 1, had shape (2, 3, 5, 5)"),
    (lambda: fw.PReLU(3)(ROWS[0]), ValueError, "PReLU: x must have at least 2 axes (N, C, *), had shape (3,)"),
    (lambda: fw.PReLU(0), ValueError, "PReLU: num_parameters must be at least 1, was 0"),
    (lambda: fw.PReLU(init=float("nan")), ValueError, "PReLU: init must be finite, was nan"),
]


@pytest.mark.parametrize(("offend", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_message(offend, kind, words):
    with pytest.raises(kind) as caught:
        offend()
    assert words in caught.value.args[0]


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("axes", [(0,), (0, 2, 3), (1, -1)])
def test_any_axes_will_do(axes, centred):
    x = (IMAGES + 0.5).requires_grad_()
    off = x - x.mean(axes, keepdim=True) if centred else x
    wanted = off / (off.square().mean(axes, keepdim=True) + 0.1).sqrt()
    g = torch.randn_like(x)
    wanted.backward(g)
    xhat, rstd = normalised.forward(x.detach(), axes, 0.1, centred)
    torch.testing.assert_close(xhat, wanted.detach())
    torch.testing.assert_close(normalised.backward(g, xhat, rstd, axes, centred), x.grad)
