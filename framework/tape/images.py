"""The framework's layers of images again, composed of elementary operators: patches and one product of matrices."""

import framework
from framework.arguments import Pair
from framework.layers.convolutional import Convolutional
from framework.tape.variable import Variable


def correlation(x: Variable, weight: Variable, stride: Pair, dilation: Pair, groups: int) -> Variable:
    """Slide weight (O, C/G, Kh, Kw) over x (N, C, H, W), without padding: (N, O, P, Q)."""
    (batch, channels), (outputs, inner, *kernel) = x.shape[:2], weight.shape
    extent = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    windows = x.unfold(2, extent[0], stride[0]).unfold(3, extent[1], stride[1])
    if dilation != (1, 1):
        windows = windows[..., :: dilation[0], :: dilation[1]]  # (N, C, P, Q, Kh, Kw)
    rows, columns = windows.shape[2:4]
    taps = channels // groups * kernel[0] * kernel[1]
    patches = windows.permute(0, 1, 4, 5, 2, 3).reshape(batch, groups, taps, rows * columns)
    y = weight.reshape(groups, outputs // groups, inner * kernel[0] * kernel[1]) @ patches
    return y.reshape(batch, outputs, rows, columns)


def framed(x: Variable, before: Pair, after: Pair) -> Variable:
    """Return images with rows and columns of zeros added before and after; a negative number cuts some off."""
    if any((*before, *after)):
        x = x.pad(*((max(0, a), max(0, b)) for a, b in zip(before, after, strict=True)))
        ends = [size - max(0, -b) for size, b in zip(x.shape[2:], after, strict=True)]
        return x[:, :, max(0, -before[0]) : ends[0], max(0, -before[1]) : ends[1]]
    return x


def biased(y: Variable, bias: Variable | None) -> Variable:
    return y if bias is None else y + bias.reshape(-1, 1, 1)


def conv2d(layer: Convolutional, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    g = layer.geometry
    return biased(correlation(framed(x, g.padding, g.padding), weight, g.stride, g.dilation, g.groups), bias)


def conv_transpose2d(
    layer: framework.ConvTranspose2d, x: Variable, weight: Variable, bias: Variable | None = None
) -> Variable:
    """The correlation of x, spread out by zeros, with the kernels reversed and the channels exchanged."""
    g = layer.geometry
    before = g.extent[0] - 1 - g.padding[0], g.extent[1] - 1 - g.padding[1]
    after = before[0] + layer.output_padding[0], before[1] + layer.output_padding[1]
    channels, inner, *kernel = weight.shape
    grouped = weight.reshape(g.groups, channels // g.groups, inner, *kernel).transpose(1, 2)
    reversed_kernels = grouped.reshape(g.groups * inner, channels // g.groups, *kernel).flip(2, 3)
    spread = framed(x.spread(*g.stride), before, after)
    return biased(correlation(spread, reversed_kernels, (1, 1), g.dilation, g.groups), bias)


def enlarged(x: Variable, scale: Pair) -> Variable:
    batch, channels, rows, columns = x.shape
    blocks = x.reshape(batch, channels, rows, 1, columns, 1).expand(-1, -1, -1, scale[0], -1, scale[1])
    return blocks.reshape(batch, channels, rows * scale[0], columns * scale[1])


def nearest_upsampling(layer: framework.NearestUpsampling, x: Variable) -> Variable:
    return enlarged(x, layer.scale)


def upsampling(layer: framework.Upsampling, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    return conv2d(layer, enlarged(x, layer.scale), weight, bias)
