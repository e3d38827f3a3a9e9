"""Means taken off, and spreads made one: over the last axes, groups of channels, or a batch; channels damped."""

from collections.abc import Sequence

import torch

import framework
from framework.layers.batch_normalisation import BatchNormalisation
from framework.tape.variable import Variable

Some = Variable | None


def root(square: Variable, eps: float) -> Variable:
    """Return √(square + eps): what a number is measured by."""
    return (square + eps).sqrt()


def normalised(x: Variable, axes: tuple[int, ...], eps: float) -> Variable:
    """Return (x - mean x) / √(variance x + eps), over the axes."""
    off = x - x.mean(axes, keepdim=True)
    return off / root((off * off).mean(axes, keepdim=True), eps)


def scaled(xhat: Variable, weight: Some, bias: Some, shape: Sequence[int]) -> Variable:
    """Return weight xhat + bias, each in a shape that broadcasts."""
    y = xhat if weight is None else xhat * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def channels(x: Variable) -> tuple[int, ...]:
    """Return the shape of a value a channel, such that it broadcasts over x (N, C, *)."""
    return (x.shape[1], *[1] * (x.dim() - 2))


def layer_norm(layer: framework.LayerNorm, x: Variable, weight: Some = None, bias: Some = None) -> Variable:
    shape = layer.normalized_shape
    return scaled(normalised(x, tuple(range(-len(shape), 0)), layer.eps), weight, bias, shape)


def rms_norm(layer: framework.RMSNorm, x: Variable, weight: Some = None) -> Variable:
    axes = tuple(range(-len(layer.normalized_shape), 0))
    eps = torch.finfo(x.tensor.dtype).eps if layer.eps is None else layer.eps
    return scaled(x / root((x * x).mean(axes, keepdim=True), eps), weight, None, layer.normalized_shape)


def group_norm(x: Variable, groups: int, eps: float, weight: Some = None, bias: Some = None) -> Variable:
    """Return every group of channels of every sample normalised; InstanceNorm has groups of one channel."""
    blocks = x.reshape(len(x), groups, x.shape[1:].numel() // groups)
    return scaled(normalised(blocks, (2,), eps).reshape(x.shape), weight, bias, channels(x))


def batch_norm(layer: BatchNormalisation, x: Variable, weight: Some = None, bias: Some = None) -> Variable:
    return scaled(of_batch(layer, x) if layer.of_batch else of_past(layer, x), weight, bias, channels(x))


def of_batch(layer: BatchNormalisation, x: Variable) -> Variable:
    """Return every channel normalised over the batch; in training the layer is told mean and variance."""
    axes = (0, *range(2, x.dim()))
    mean = x.mean(axes, keepdim=True)
    off = x - mean
    variance = (off * off).mean(axes, keepdim=True)
    if layer.training and layer.tracks and x.shape.numel():
        layer.track(mean.tensor.flatten(), variance.tensor.flatten(), x.shape.numel() // x.shape[1])
    return off / root(variance, layer.eps)


def of_past(layer: BatchNormalisation, x: Variable) -> Variable:
    """Return every channel normalised by the mean and the variance that were met, which are constants."""
    mean, variance = (
        value.to(x.tensor.dtype).reshape(channels(x)) for value in (layer.running_mean, layer.running_var)
    )
    return (x - mean) / (variance + layer.eps).sqrt()


def local_response_norm(layer: framework.LocalResponseNorm, x: Variable) -> Variable:
    """Return every channel damped by the squares of the channels around it; beyond the first and the last are zeros."""
    before, flat = layer.size // 2, [(0, 0)] * (x.dim() - 2)
    around = (x * x).pad((before, layer.size - 1 - before), *flat).unfold(1, layer.size, 1).sum(-1)
    return x / (around * (layer.alpha / layer.size) + layer.k) ** layer.beta
