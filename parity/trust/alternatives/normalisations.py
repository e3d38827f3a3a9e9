"""Normalisation by other formulas, two tables of them, each over a given order of summation.

Blocks  x as (M, D): a row for every set of numbers that has a mean of its own
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum


@dataclass(frozen=True)
class Blocks:
    """How x lies in blocks, and its parameters beside it.

    size         numbers in a block
    parameters   shape of a parameter that broadcasts over x
    samples      axes that the gradient of a parameter is summed over
    """

    shape: torch.Size
    size: int
    parameters: tuple[int, ...]
    samples: tuple[int, ...]

    def rows(self, value: Tensor) -> Tensor:
        return value.expand(self.shape).reshape(self.shape.numel() // self.size, self.size)

    def parameter(self, value: Tensor) -> Tensor:
        return self.rows(value.reshape(self.parameters))

    def gradient(self, each: Tensor, total: Sum, like: Tensor) -> Tensor:
        """Return numbers for every element of x summed to the gradient of a parameter."""
        kept = [axis for axis in range(len(self.shape)) if axis not in self.samples]
        table = each.reshape(self.shape).permute(*self.samples, *kept)
        samples = prod(self.shape[axis] for axis in self.samples)
        return total(table.reshape(samples, like.numel()), 0).reshape(like.shape)


def of_last_axes(options: Options, x: Tensor) -> Blocks:
    given = options["normalized_shape"]
    shape = (given,) if isinstance(given, int) else tuple(given)
    return Blocks(x.shape, prod(shape), shape, tuple(range(x.dim() - len(shape))))


def of_channels(options: Options, x: Tensor) -> Blocks:
    groups = options.get("num_groups", x.shape[1])
    size = x.shape[1] // groups * prod(x.shape[2:])
    return Blocks(x.shape, size, (x.shape[1], *[1] * (x.dim() - 2)), (0, *range(2, x.dim())))


# Of off (what is left of x without its mean, or x), g = dL/dxhat, rstd and a mean along rows: what of_off gives is
# dL/doff.
Pulled = Callable[[Tensor, Tensor, Tensor, Callable[[Tensor], Tensor]], Tensor]


def at_once(off: Tensor, g: Tensor, rstd: Tensor, mean: Callable[[Tensor], Tensor]) -> Tensor:
    """rstd (g - xhat mean(g xhat))."""
    xhat = off * rstd
    return rstd * (g - xhat * mean(g * xhat))


def in_stages(off: Tensor, g: Tensor, rstd: Tensor, mean: Callable[[Tensor], Tensor]) -> Tensor:
    """g rstd + 2 off dvariance / D, with dvariance / D = -mean(g off) rstd³ / 2."""
    return g * rstd - off * (mean(g * off) * rstd * rstd * rstd)


def normalisation(
    layout: Callable[[Options, Tensor], Blocks], pulled: Pulled, total: Sum, centred: bool, eps_by_default: float
) -> Rule:
    """y = weight off / √(mean off² + eps) + bias, off = x - mean x where centred."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        blocks = layout(options, x)

        def mean(rows: Tensor) -> Tensor:
            return total(rows, 1).unsqueeze(1) / blocks.size

        rows = blocks.rows(x)
        off = rows - mean(rows) if centred else rows
        rstd = 1 / torch.sqrt(mean(off * off) + options.get("eps", eps_by_default))
        xhat = off * rstd
        scale = blocks.parameter(parameters["weight"]) if "weight" in parameters else torch.ones_like(rows)
        y = xhat * scale + (blocks.parameter(parameters["bias"]) if "bias" in parameters else 0)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            drows = blocks.rows(dy)
            dx = pulled(off, drows * scale, rstd, mean)
            dx = dx - mean(dx) if centred else dx
            each = {"weight": drows * xhat, "bias": drows}
            gradients = {name: blocks.gradient(each[name], total, value) for name, value in parameters.items()}
            return dx.reshape(x.shape), gradients

        return y.reshape(x.shape), back

    return rule


def of_every_kind(pulled: Pulled, total: Sum) -> dict[str, Rule]:
    machine = torch.finfo(torch.float32).eps
    return {
        "LayerNorm": normalisation(of_last_axes, pulled, total, True, 1e-5),
        "RMSNorm": normalisation(of_last_axes, pulled, total, False, machine),
        "GroupNorm": normalisation(of_channels, pulled, total, True, 1e-5),
        "InstanceNorm2d": normalisation(of_channels, pulled, total, True, 1e-5),
    }


def neighbours(value: Tensor, before: int, behind: int, total: Sum) -> Tensor:
    """Return for every channel the sum over itself and so many on either side."""
    wide = value.new_zeros(value.shape[0], before + value.shape[1] + behind, *value.shape[2:])
    wide[:, before : before + value.shape[1]] = value
    return total(torch.stack([wide[:, by : by + value.shape[1]] for by in range(before + behind + 1)]), 0)


def response(power: Callable[[Tensor, float], Tensor], total: Sum) -> Rule:
    """y = x / base^beta, base = k + alpha / size Σ x²; dx = dy / base^beta - 2 alpha beta / size x Σ dy y / base."""

    def rule(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        size, beta = options["size"], options.get("beta", 0.75)
        share, before, behind = options.get("alpha", 1e-4) / size, size // 2, (size - 1) // 2
        base = options.get("k", 1.0) + share * neighbours(x * x, before, behind, total)
        divisor = power(base, beta)
        y = x / divisor

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            beside = neighbours(dy * y / base, behind, before, total)
            return dy / divisor - 2 * beta * share * x * beside, {}

        return y, back

    return rule


def by_logarithm(base: Tensor, exponent: float) -> Tensor:
    return torch.exp(exponent * base.log())


def slopes(choose: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], total: Sum) -> Rule:
    """y, and dy/dx, of a choice between x and weight x; dweight = Σ dy min(x, 0)."""

    def rule(_options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        weight = parameters["weight"]
        axes = [1] * max(0, x.dim() - 2)
        y, slope = choose(x, weight if len(weight) == 1 and x.dim() else weight.reshape(-1, *axes))

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            each = dy * x.clamp(max=0)
            table = each.reshape(1, -1) if len(weight) == 1 else each.transpose(0, 1).flatten(1)
            return dy * slope, {"weight": total(table, 1)}

        return y, back

    return rule


def by_parts(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """max(x, 0) + weight min(x, 0)."""
    positive = (x > 0).to(x.dtype)
    return x.clamp(min=0) + weight * x.clamp(max=0), positive + weight * (1 - positive)


def by_choice(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """x, or weight x where x is not above 0."""
    return torch.where(x > 0, x, weight * x), torch.where(x > 0, torch.ones_like(x), weight.to(x.dtype))


def first(total: Sum) -> dict[str, Rule]:
    return of_every_kind(at_once, total) | {
        "LocalResponseNorm": response(torch.pow, total),
        "PReLU": slopes(by_parts, total),
    }


def second(total: Sum) -> dict[str, Rule]:
    return of_every_kind(in_stages, total) | {
        "LocalResponseNorm": response(by_logarithm, total),
        "PReLU": slopes(by_choice, total),
    }
