"""Linear maps as sums of matrix products: a product for every kernel tap or block of features, the last first."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.alternatives.correlation import Windows, convolution, enlarged, pair, transposed
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import blocked, blocks


class Shifted:
    """The products of a convolution, a tap at a time: the image shifted by the tap, times one matrix."""

    def taps(self, at: Windows) -> Iterator[tuple[int, int, slice, slice]]:
        """Yield every tap (k, l) with the rows and columns of the padded image that it meets."""
        for k in reversed(range(at.kernel[0])):
            for m in reversed(range(at.kernel[1])):
                starts = k * at.dilation[0], m * at.dilation[1]
                stops = [starts[i] + at.stride[i] * (at.out[i] - 1) + 1 for i in (0, 1)]
                yield k, m, slice(starts[0], stops[0], at.stride[0]), slice(starts[1], stops[1], at.stride[1])

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        wide, w = at.padded(x), at.grouped(weight, 0)
        y = x.new_zeros(len(x), at.groups, w.shape[1], *at.out)
        for k, m, rows, columns in self.taps(at):
            y += torch.einsum("ngcpq,goc->ngopq", wide[..., rows, columns], w[..., k, m])
        return y.flatten(1, 2)

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        w, of_groups = at.grouped(weight, 0), at.grouped(y)
        wide = at.padded(y.new_zeros(len(y), weight.shape[1] * at.groups, *at.image))
        for k, m, rows, columns in self.taps(at):
            wide[..., rows, columns] += torch.einsum("ngopq,goc->ngcpq", of_groups, w[..., k, m])
        return at.cropped(wide)

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        wide, of_groups = at.padded(x), at.grouped(y)
        weight = x.new_zeros(at.groups, of_groups.shape[2], wide.shape[2], *at.kernel)
        for k, m, rows, columns in self.taps(at):
            weight[..., k, m] = torch.einsum("ngopq,ngcpq->goc", of_groups, wide[..., rows, columns])
        return weight.flatten(0, 1)


def linear(_options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y = Σ x_b weight_bᵀ over blocks b of features; dx over blocks of outputs, dweight over blocks of rows."""
    weight, rows = parameters["weight"], x.reshape(-1, x.shape[-1])

    def product(a: Tensor, b: Tensor) -> Tensor:
        total = a.new_zeros(len(a), b.shape[1])
        for block in blocks(len(b)):
            total += a[:, block] @ b[block]
        return total

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        drows = dy.reshape(-1, dy.shape[-1])
        gradients = {"weight": product(drows.t(), rows)}
        if "bias" in parameters:
            gradients["bias"] = blocked(drows, 0)
        return product(drows, weight).reshape(x.shape), gradients

    y = product(rows, weight.t())
    return (y + parameters["bias"] if "bias" in parameters else y).reshape(*x.shape[:-1], -1), back


def nearest(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y repeats every row and column; dx adds up the shifted grids of dy, the last first."""
    a, b = pair(options["scale_factor"])

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        grids = [dy[..., i::a, j::b] for i in reversed(range(a)) for j in reversed(range(b))]
        return blocked(torch.stack(grids), 0), {}

    return x.repeat_interleave(a, 2).repeat_interleave(b, 3), back


def flatten(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y lays the axes end to end, one after the other: rows of the axis before are put side by side."""
    first, last = (options.get(name, default) % x.dim() for name, default in (("start_dim", 1), ("end_dim", -1)))
    y = x
    for _ in range(last - first):
        y = torch.cat(y.unbind(first), first)
    return y, lambda dy: (dy.unflatten(first, x.shape[first : last + 1]), {})


RULES: dict[str, Rule] = {
    "Linear": linear,
    "Conv2d": convolution(Shifted()),
    "ConvTranspose2d": transposed(Shifted()),
    "NearestUpsampling": nearest,
    "Upsampling": enlarged(nearest, convolution(Shifted())),
    "Flatten": flatten,
}
