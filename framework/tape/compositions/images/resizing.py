"""Images of another size: pixels repeated, mixed with their neighbours, or laid out otherwise."""

from math import prod

import framework
from framework.arguments import Pair
from framework.images.resizing import Line
from framework.layers.nearest_upsampling import read
from framework.tape.variable import Variable


def enlarged(x: Variable, out: Pair) -> Variable:
    batch, channels, rows, columns = x.shape
    scale = out[0] // rows, out[1] // columns
    if (rows * scale[0], columns * scale[1]) != out:
        read_rows, read_columns = (read(x.shape[2 + axis], out[axis], x.tensor.device) for axis in (0, 1))
        return x[:, :, read_rows[:, None], read_columns]
    blocks = x.reshape(batch, channels, rows, 1, columns, 1).expand(-1, -1, -1, scale[0], -1, scale[1])
    return blocks.reshape(batch, channels, *out)


def nearest_upsampling(layer: framework.NearestUpsampling, x: Variable) -> Variable:
    return enlarged(x, layer.resizing.out((x.shape[2], x.shape[3])))


def on_lines(x: Variable, axis: int, to: Line) -> Variable:
    """Return images with an axis, counted from the last (-1), resized: every place lies on a line of two pixels."""
    share = to.share.reshape(-1, *[1] * (-1 - axis))
    return x.index_select(axis, to.first) * (1 - share) + x.index_select(axis, to.second) * share


def bilinear_upsampling(layer: framework.BilinearUpsampling, x: Variable) -> Variable:
    rows, columns = layer.lines(x.tensor)
    return on_lines(on_lines(x, -1, columns), -2, rows)


def pixel_shuffle(x: Variable, factor: int) -> Variable:
    """Return channels laid out as pixels, `factor` times as many rows and columns."""
    *batch, channels, rows, columns = x.shape
    images = prod(batch) * channels // factor**2
    blocks = x.reshape(images, factor, factor, rows, columns).permute(0, 3, 1, 4, 2)
    return blocks.reshape(*batch, channels // factor**2, rows * factor, columns * factor)


def pixel_unshuffle(x: Variable, factor: int) -> Variable:
    """Return pixels laid out as channels: the other way."""
    *batch, channels, rows, columns = x.shape
    blocks = x.reshape(prod(batch) * channels, rows // factor, factor, columns // factor, factor)
    return blocks.permute(0, 2, 4, 1, 3).reshape(*batch, channels * factor**2, rows // factor, columns // factor)
