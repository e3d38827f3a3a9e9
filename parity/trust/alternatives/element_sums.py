"""Linear maps without a matrix product: elements are gathered, multiplied by broadcasting, and summed."""

import torch
from torch import Tensor

from parity.trust.alternatives.correlation import Windows, convolution, enlarged, pair, transposed
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors


def meetings(at: Windows, width: int) -> Tensor:
    """Return where in the flat padded image of `width` each output meets each tap: (P, Q, K, L)."""
    rows, columns = (
        torch.arange(at.out[i])[:, None] * at.stride[i] + torch.arange(at.kernel[i]) * at.dilation[i] for i in (0, 1)
    )
    return rows[:, None, :, None] * width + columns[None, :, None, :]


class Gathered:
    """The products of a convolution from one table of pairs, with axes (n, g, o, c, p, q, k, l)."""

    def patches(self, x: Tensor, at: Windows) -> Tensor:
        wide = at.padded(x)
        where = meetings(at, wide.shape[-1]).to(x.device)
        return wide.flatten(3)[..., where][:, :, None]  # (N, G, 1, C/G, P, Q, K, L)

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        w = at.grouped(weight, 0)[:, :, :, None, None]  # (G, O/G, C/G, 1, 1, K, L)
        return (self.patches(x, at) * w).sum((3, 6, 7)).flatten(1, 2)

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        w = at.grouped(weight, 0)[:, :, :, None, None]
        met = (at.grouped(y)[:, :, :, None, :, :, None, None] * w).sum(2)  # (N, G, C/G, P, Q, K, L)
        wide = at.padded(y.new_zeros(len(y), weight.shape[1] * at.groups, *at.image))
        where = meetings(at, wide.shape[-1]).to(y.device)
        return at.cropped(wide.flatten(3).index_add(3, where.flatten(), met.flatten(3)).view_as(wide))

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        table = self.patches(x, at) * at.grouped(y)[:, :, :, None, :, :, None, None]
        return table.sum((0, 4, 5)).flatten(0, 1)


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


def nearest(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y reads x at (i // a, j // b); dx adds every element of dy to the one that it was read from."""
    scales = pair(options["scale_factor"])
    h, w = (torch.arange(x.shape[2 + i] * scales[i], device=x.device) // scales[i] for i in (0, 1))

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
    "Conv2d": convolution(Gathered()),
    "ConvTranspose2d": transposed(Gathered()),
    "NearestUpsampling": nearest,
    "Upsampling": enlarged(nearest, convolution(Gathered())),
    "Flatten": flatten,
}
