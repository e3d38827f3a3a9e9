"""Linear maps without a matrix product: elements are gathered, multiplied by broadcasting, and summed."""

import math

import torch
from torch import Tensor

from parity.trust.alternatives.correlation import Windows, convolution, enlarged, enlarged_size, of_every_rank
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors


def meetings(at: Windows, like: Tensor) -> Tensor:
    """Return where in the flat padded image each output meets each tap: (*out, *kernel)."""
    axes, where = len(at.out), torch.zeros((), dtype=torch.long)
    for i in range(axes):
        places = torch.arange(at.out[i])[:, None] * at.stride[i] + torch.arange(at.kernel[i]) * at.dilation[i]
        shape = [1] * (2 * axes)
        shape[i], shape[axes + i] = places.shape
        where = where + places.view(shape) * math.prod(at.wide[i + 1 :])
    return where.to(like.device)


class Gathered:
    """The products of a convolution from one table of pairs, with axes (n, g, o, c, *out, *kernel)."""

    def patches(self, x: Tensor, at: Windows) -> Tensor:
        return at.padded(x).flatten(3)[..., meetings(at, x)][:, :, None]  # (N, G, 1, C/G, *out, *kernel)

    def weight(self, weight: Tensor, at: Windows) -> Tensor:
        w = at.grouped(weight, 0)
        return w.reshape(*w.shape[:3], *[1] * len(at.out), *at.kernel)  # (G, O/G, C/G, 1.., *kernel)

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        taps = range(4 + len(at.out), 4 + 2 * len(at.out))
        return (self.patches(x, at) * self.weight(weight, at)).sum((3, *taps)).flatten(1, 2)

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        met = (self.spread(y, at) * self.weight(weight, at)).sum(2)  # (N, G, C/G, *out, *kernel)
        wide = y.new_zeros(*met.shape[:3], math.prod(at.wide))
        whole = wide.index_add(3, meetings(at, y).flatten(), met.flatten(3))
        return at.cropped(whole.view(*met.shape[:3], *at.wide))

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        table = self.patches(x, at) * self.spread(y, at)
        return table.sum((0, *range(4, 4 + len(at.out)))).flatten(0, 1)

    def spread(self, y: Tensor, at: Windows) -> Tensor:
        of_groups = at.grouped(y)
        return of_groups.reshape(*of_groups.shape[:3], 1, *at.out, *[1] * len(at.out))


def linear(_options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y_ro = Σ_d x_rd weight_od, and each gradient a sum of the same table of products over another axis."""
    weight, rows = parameters["weight"], x.reshape(-1, x.shape[-1])

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        drows = dy.reshape(-1, dy.shape[-1])
        dx = (drows[:, :, None] * weight).sum(1).reshape(x.shape)
        gradients = {"weight": (drows[:, :, None] * rows[:, None, :]).sum(0), "bias": drows.sum(0)}
        return dx, {name: gradients[name] for name in parameters}

    y = (rows[:, None, :] * weight).sum(2)
    return (y + parameters["bias"] if "bias" in parameters else y).reshape(*x.shape[:-1], -1), back


def bilinear(_options: Options, parameters: Tensors, x1: Tensor, x2: Tensor) -> tuple[Tensor, Pullback]:
    """y_ro = Σ_ij x1_ri weight_oij x2_rj, and each gradient a sum of products over other axes."""
    weight, of_first = parameters["weight"], x1[..., None, :, None]  # (*, 1, D1, 1)

    def back(dy: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        by_dy = (dy[..., None, None] * weight).sum(-3)
        dx = (by_dy * x2[..., None, :]).sum(-1), (by_dy * x1[..., :, None]).sum(-2)
        of_rows = (dy[..., None, None] * of_first * x2[..., None, None, :]).reshape(-1, *weight.shape)
        gradients = {"weight": of_rows.sum(0), "bias": dy.reshape(-1, dy.shape[-1]).sum(0)}
        return dx, {name: gradients[name] for name in parameters}

    y = ((of_first * weight).sum(-2) * x2[..., None, :]).sum(-1)  # the first is summed before an infinite second comes
    return y + parameters.get("bias", 0), back


def nearest(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y reads x at (i H // P, j W // Q); dx adds every element of dy to the one that it was read from."""
    out = enlarged_size(options, x)
    h, w = (torch.arange(out[i], device=x.device) * x.shape[2 + i] // out[i] for i in (0, 1))

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        flat = (h[:, None] * x.shape[3] + w).flatten()
        return torch.zeros_like(x).flatten(2).index_add(2, flat, dy.flatten(2)).view_as(x), {}

    return x[..., h[:, None], w], back


def flatten(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y takes the elements one by one in the order of their numbers; dx puts them back."""
    first, last = (options.get(name, default) % x.dim() for name, default in (("start_dim", 1), ("end_dim", -1)))
    numbers = torch.arange(x.numel(), device=x.device)
    shape = (*x.shape[:first], int(torch.tensor(x.shape[first : last + 1]).prod()), *x.shape[last + 1 :])
    return x.take(numbers).reshape(shape), lambda dy: (torch.zeros_like(x).put(numbers, dy), {})


RULES: dict[str, Rule] = {
    "Linear": linear,
    "Bilinear": bilinear,
    **of_every_rank(Gathered()),
    "NearestUpsampling": nearest,
    "Upsampling": enlarged(nearest, convolution(Gathered())),
    "Flatten": flatten,
}
