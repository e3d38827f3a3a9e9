"""Convolutions by blocks, joined, shifted, scattered: every way of cutting the work gives torch's integers."""

import itertools

import pytest
import torch
from torch import nn

import framework as fw
from framework.images import correlation

# kernel, stride, dilation, padding, groups, output padding: some strides leave rows out, some taps share rows
GEOMETRIES = [
    ((3, 2), (1, 1), (1, 1), (1, 0), 1, (0, 0)),
    ((2, 3), (2, 1), (1, 2), (0, 2), 2, (1, 0)),
    ((4, 1), (3, 2), (2, 1), (2, 1), 1, (2, 1)),
    ((1, 3), (2, 3), (1, 1), (0, 1), 3, (0, 2)),
]
# bytes of a block, columns that are enough, numbers that are few: one image at a time, some rows of one, all, and few
CUTS = [(1, 1, 0), (3000, 1, 0), (3000, 40, 0), (1 << 20, 1 << 20, 0), (1 << 20, 512, 1 << 16)]


def integers(*shape):
    return torch.randint(-3, 4, shape, generator=torch.Generator().manual_seed(sum(shape))).double()


def gradients(module, x):
    """Return the output, and dx and the gradients of weight and bias for a cotangent of integers."""
    y = module(x)
    dy = integers(*y.shape)
    if isinstance(module, nn.Module):
        y.backward(dy)
        return [y.detach(), x.grad, *(parameter.grad for parameter in module.parameters())]
    return [y, module.backward(dy), *(grad for _, grad in module.param())]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_every_way_of_cutting_gives_the_same_sums(monkeypatch, geometry, cut, transposed, bias):
    kernel, stride, dilation, padding, groups, output_padding = geometry
    options = {"stride": stride, "dilation": dilation, "padding": padding, "groups": groups, "bias": bias}
    if transposed:
        options["output_padding"] = output_padding
    for name, number in zip(("CACHED", "ENOUGH", "FEW"), cut, strict=True):
        monkeypatch.setattr(correlation, name, number)
    correlation.division.cache_clear()
    name = "ConvTranspose2d" if transposed else "Conv2d"
    for batch, channels, outputs in itertools.product((1, 3), (6,), (6, 24)):
        reference = getattr(nn, name)(channels, outputs, kernel, **options).double()
        own = getattr(fw, name)(channels, outputs, kernel, **options).to(torch.float64)
        for parameter, (value, _) in zip(reference.parameters(), own.param(), strict=True):
            value.copy_(integers(*value.shape))
            parameter.data.copy_(value)
        x = integers(batch, channels, 11, 9)
        for got, wanted in zip(gradients(own, x), gradients(reference, x.clone().requires_grad_()), strict=True):
            assert torch.equal(got, wanted)
    correlation.division.cache_clear()


@pytest.mark.parametrize("cut", CUTS)
def test_an_infinity_of_x_stays_in_the_gradients_of_the_taps_that_see_it(monkeypatch, cut):
    for name, number in zip(("CACHED", "ENOUGH", "FEW"), cut, strict=True):
        monkeypatch.setattr(correlation, name, number)
    correlation.division.cache_clear()
    layer = fw.Conv2d(8, 2, 3)
    x = torch.randn(2, 8, 5, 6, generator=torch.Generator().manual_seed(0))
    x[0, 0, 0, 0] = float("inf")
    layer.backward(torch.ones_like(layer(x)))
    _, dweight = layer.param()[0]
    assert (~dweight.isfinite()).nonzero().tolist() == [[0, 0, 0, 0], [1, 0, 0, 0]]
    correlation.division.cache_clear()
