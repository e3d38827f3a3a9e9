"""Layers that pool: where windows and shares lie, what stands at a border, and whom a maximum belongs to."""

import pytest
import torch
from torch import nn

import framework as fw
from framework.images import pooling
from framework.images.shares import Shares
from framework.images.windows import Sliding

INF, NAN = float("inf"), float("nan")
IMAGE = torch.zeros(2, 3, 5, 6)


def beside_torch(own, reference, x):
    """Return both sides' output and dx, for a cotangent that counts up."""
    watched = x.clone().requires_grad_()
    wanted = reference(watched)
    dy = torch.arange(1.0, wanted.numel() + 1, dtype=x.dtype).view(wanted.shape)
    wanted.backward(dy)
    y = own(x)
    return (y, own.backward(dy)), (wanted.detach(), watched.grad)


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2, 4])
def test_a_tap_reaches_every_pixel_that_it_sees_and_no_padding(stride, padding, dilation, ceil_mode):
    for size in range(7, 11):
        windows = Sliding(size, 3, stride, padding, dilation, ceil_mode)
        for tap in range(3):
            at = [o * stride - padding + tap * dilation for o in range(windows.outputs)]
            seeing, pixels = windows.reach(tap)
            assert list(range(windows.outputs))[seeing] == [o for o, pixel in enumerate(at) if 0 <= pixel < size]
            assert list(range(size))[pixels] == [pixel for pixel in at if 0 <= pixel < size]


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("count", range(1, 9))
def test_spreading_over_shares_is_the_adjoint_of_their_sums(size, count):
    shares = Shares(size, count)
    x, dy = torch.eye(size, dtype=torch.float64), torch.eye(count, dtype=torch.float64)
    assert torch.equal(shares.sums(x, -1).T, shares.spread(dy, -1))


def test_a_window_of_minus_infinity_belongs_to_its_first_pixel():
    x = torch.full((1, 1, 4, 5), -INF)
    got, wanted = beside_torch(fw.MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1), x)
    assert torch.equal(got[0], wanted[0])
    assert torch.equal(got[1], wanted[1])


@pytest.mark.parametrize(
    ("own", "reference"),
    [
        (fw.MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1)),
        (fw.MaxPool1d(2, dilation=2), nn.MaxPool1d(2, dilation=2)),
        (fw.AdaptiveMaxPool2d((3, 4)), nn.AdaptiveMaxPool2d((3, 4))),
        (fw.AdaptiveMaxPool2d(1), nn.AdaptiveMaxPool2d(1)),
    ],
    ids=["2d", "1d", "shares", "one share"],
)
def test_of_equals_the_first_and_of_nan_the_last_is_the_maximum(own, reference):
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(-1, 2, (2, 5, 7), generator=generator).double()
    x[0, ::2, 1::3] = NAN
    x[1, 1, 2:] = INF
    x = x if own.axes == 2 else x[0]
    got, wanted = beside_torch(own, reference, x)
    torch.testing.assert_close(got, wanted, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(("few", "cached"), [(0, 1), (0, 1000), (0, 1 << 21), (1 << 16, 1)])
@pytest.mark.parametrize(
    ("own", "reference"),
    [
        (
            fw.MaxPool2d((2, 3), (3, 2), 1, (2, 1), ceil_mode=True),
            nn.MaxPool2d((2, 3), (3, 2), 1, (2, 1), ceil_mode=True),
        ),
        (fw.AdaptiveMaxPool2d((4, 2)), nn.AdaptiveMaxPool2d((4, 2))),
    ],
    ids=["padded", "tiles"],
)
def test_images_at_once_and_by_blocks_have_the_same_maxima(monkeypatch, own, reference, few, cached):
    monkeypatch.setattr(pooling, "FEW", few)
    monkeypatch.setattr(pooling, "CACHED", cached)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    x = torch.randint(-9, 10, (3, 2, 8, 6), generator=torch.Generator().manual_seed(0)).double()
    got, wanted = beside_torch(own, reference, x)
    assert torch.equal(got[0], wanted[0])
    assert torch.equal(got[1], wanted[1])


def test_a_kernel_may_have_more_taps_than_a_byte_counts():
    x = torch.linspace(0, 1, 700)[None]
    got, wanted = beside_torch(fw.MaxPool1d(300), nn.MaxPool1d(300), x)
    assert torch.equal(got[1], wanted[1])


def test_gradients_of_windows_that_share_a_maximum_lose_no_digits():
    layer = fw.MaxPool1d(300, 1)
    x = torch.zeros(1, 600, dtype=torch.bfloat16)
    x[0, 299] = 1
    dx = layer.backward(torch.ones_like(layer(x)))
    assert dx[0, 299] == 300  # in bfloat16 256 + 1 is 256


def test_a_mean_of_large_numbers_does_not_overflow_in_float16():
    layer = fw.AvgPool2d(3)
    assert layer(torch.full((1, 1, 3, 3), 6e4, dtype=torch.float16)).item() == 60000


def test_infinity_stays_in_its_own_windows():
    x = torch.zeros(1, 4, 7)
    x[0, 1, 2] = INF
    for layer, reference in ((fw.AvgPool2d(2), nn.AvgPool2d(2)), (fw.AdaptiveAvgPool2d(3), nn.AdaptiveAvgPool2d(3))):
        assert torch.equal(layer(x), reference(x))


def test_a_power_mean_of_zeros_has_no_gradient():
    got, wanted = beside_torch(fw.LPPool2d(2, 2), nn.LPPool2d(2, 2), torch.zeros(1, 2, 4))
    assert torch.equal(got[1], wanted[1])
    assert not got[1].any()


def test_what_is_saved_is_what_backward_reads():
    largest, mean = fw.MaxPool2d(2), fw.AvgPool2d(2)
    largest(IMAGE)
    mean(IMAGE)
    (places,) = largest.saved
    assert places.shape == (2, 3, 2, 3)
    assert mean.saved == ()


TABLE = [
    (
        lambda: fw.MaxPool2d(3, padding=2),
        ValueError,
        "MaxPool2d: padding must be at most half of kernel_size (3, 3), was",
    ),
    (
        lambda: fw.MaxPool2d(3, return_indices=True),
        ValueError,
        "MaxPool2d: return_indices must be False, as a layer has",
    ),
    (lambda: fw.AdaptiveMaxPool2d(3, return_indices=1), TypeError, "return_indices must be a bool, was 1"),
    (
        lambda: fw.MaxPool1d((2, 2)),
        ValueError,
        "MaxPool1d: kernel_size must be an int or a tuple of one int, was (2, 2)",
    ),
    (
        lambda: fw.MaxPool2d(7)(IMAGE),
        ValueError,
        "MaxPool2d: x must be at least (7, 7), the dilated kernel, once padded",
    ),
    (
        lambda: fw.MaxPool2d((2, 1), 1, (1, 0), (2, 1))(torch.zeros(1, 1, 3)),
        ValueError,
        "padded by (1, 0), with a pixel in every window, was (1, 3)",
    ),
    (
        lambda: fw.MaxPool2d(2)(IMAGE[0, 0]),
        ValueError,
        "MaxPool2d: x must have 3 or 4 axes (C, H, W) or (N, C, H, W), had",
    ),
    (lambda: fw.AvgPool1d(2)(IMAGE), ValueError, "AvgPool1d: x must have 2 or 3 axes (C, L) or (N, C, L), had shape"),
    (
        lambda: fw.AvgPool2d(2)(IMAGE[:, :0]),
        ValueError,
        "AvgPool2d: x must have channels and pixels, had shape (2, 0, 5, 6)",
    ),
    (
        lambda: fw.AvgPool2d(2, divisor_override=0),
        ValueError,
        "AvgPool2d: divisor_override must be other than 0, was 0",
    ),
    (lambda: fw.AdaptiveAvgPool2d((None, 0)), ValueError, "AdaptiveAvgPool2d: output_size must be at least 1, was 0"),
    (lambda: fw.AdaptiveAvgPool2d(None), TypeError, "AdaptiveAvgPool2d: output_size must be an int, was None"),
    (lambda: fw.LPPool2d(0, 2), ValueError, "LPPool2d: norm_type must be other than 0, was 0"),
    (lambda: fw.LPPool2d(INF, 2), ValueError, "LPPool2d: norm_type must be finite, was inf"),
]


@pytest.mark.parametrize(("act", "kind", "words"), TABLE, ids=[words[:50] for _, _, words in TABLE])
def test_refusals_say_what_was_wrong(act, kind, words):
    with pytest.raises(kind) as refused:
        act()
    assert words in str(refused.value)


def test_options_are_shown_one_an_axis():
    assert (
        repr(fw.MaxPool1d(2))
        == "MaxPool1d(kernel_size=(2,), stride=(2,), padding=(0,), dilation=(1,), ceil_mode=False)"
    )
    assert repr(fw.AdaptiveAvgPool2d((None, 3))) == "AdaptiveAvgPool2d(output_size=(None, 3))"
    assert "divisor_override" not in repr(fw.AvgPool1d(2))
