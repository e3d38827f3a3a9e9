"""Linear maps as sums of matrix products: a product for every kernel tap or block of features, the last first."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import torch
from torch import Tensor

from parity.trust.alternatives.correlation import Windows, convolution, enlarged, enlarged_size, of_every_rank
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import blocked, blocks

Index = tuple[Any, ...]


class Shifted:
    """The products of a convolution, a tap at a time: the image shifted by the tap, times one matrix."""

    def taps(self, at: Windows) -> Iterator[tuple[Index, Index]]:
        """Yield the index of every tap among weights, and of the places of the padded image that it meets."""
        for tap in product(*(reversed(range(extent)) for extent in at.kernel)):
            starts = [k * d for k, d in zip(tap, at.dilation, strict=True)]
            places = [
                slice(start, start + step * (out - 1) + 1, step)
                for start, step, out in zip(starts, at.stride, at.out, strict=True)
            ]
            yield (..., *tap), (..., *places)

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        wide, w = at.padded(x), at.grouped(weight, 0)
        y = x.new_zeros(len(x), at.groups, w.shape[1], *at.out)
        for tap, places in self.taps(at):
            y += torch.einsum("ngc...,goc->ngo...", wide[places], w[tap])
        return y.flatten(1, 2)

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        w, of_groups = at.grouped(weight, 0), at.grouped(y)
        wide = y.new_zeros(len(y), at.groups, weight.shape[1], *at.wide)
        for tap, places in self.taps(at):
            wide[places] += torch.einsum("ngo...,goc->ngc...", of_groups, w[tap])
        return at.cropped(wide)

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        wide, of_groups = at.padded(x), at.grouped(y).flatten(3)
        weight = x.new_zeros(at.groups, of_groups.shape[2], wide.shape[2], *at.kernel)
        for tap, places in self.taps(at):
            seen = wide[places].flatten(3)
            weight[tap] = torch.einsum("ngop,ngcp->goc", of_groups, seen)
        return weight.flatten(0, 1)


def linear(_options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y = Σ x_b weight_bᵀ over blocks b of features; dx over blocks of outputs, dweight over blocks of rows."""
    weight, rows = parameters["weight"], x.reshape(-1, x.shape[-1])

    def of_blocks(a: Tensor, b: Tensor) -> Tensor:
        total = a.new_zeros(len(a), b.shape[1])
        for block in blocks(len(b)):
            total += a[:, block] @ b[block]
        return total

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        drows = dy.reshape(-1, dy.shape[-1])
        gradients = {"weight": of_blocks(drows.t(), rows)}
        if "bias" in parameters:
            gradients["bias"] = blocked(drows, 0)
        return of_blocks(drows, weight).reshape(x.shape), gradients

    y = of_blocks(rows, weight.t())
    return (y + parameters["bias"] if "bias" in parameters else y).reshape(*x.shape[:-1], -1), back


def nearest(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y repeats every row and column as often as it is shown; dx adds up what shows a row or column, the last first."""
    times = [shown(x.shape[2 + i], out, x) for i, out in enumerate(enlarged_size(options, x))]

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        for axis in (0, 1):
            parts = torch.split(dy, times[axis].tolist(), 2 + axis)
            dy = torch.stack([blocked(part, 2 + axis) for part in parts], 2 + axis)
        return dy, {}

    return x.repeat_interleave(times[0], 2).repeat_interleave(times[1], 3), back


def shown(extent: int, out: int, like: Tensor) -> Tensor:
    """Return how often each of `extent` pixels is shown among `out`."""
    ends = -(-torch.arange(extent + 1) * out // extent)  # the first place that shows a pixel: p extent / out rounded up
    return ends.diff().to(like.device)


def flatten(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y lays the axes end to end, one after the other: rows of the axis before are put side by side."""
    first, last = (options.get(name, default) % x.dim() for name, default in (("start_dim", 1), ("end_dim", -1)))
    y = x
    for _ in range(last - first):
        y = torch.cat(y.unbind(first), first)
    return y, lambda dy: (dy.unflatten(first, x.shape[first : last + 1]), {})


RULES: dict[str, Rule] = {
    "Linear": linear,
    **of_every_rank(Shifted()),
    "NearestUpsampling": nearest,
    "Upsampling": enlarged(nearest, convolution(Shifted())),
    "Flatten": flatten,
}
