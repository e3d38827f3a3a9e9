"""Losses of several inputs by other formulas, two tables of them, each over a given order of summation.

A formula gives the values before reduction, and for every input the derivative of each value by what it comes from.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum

Formula = Callable[..., tuple[Tensor, tuple[Tensor, ...]]]  # (options, order of summation, *inputs) -> values, slopes
LEAST_SQUARE = float(torch.tensor(1e-12, dtype=torch.float32))  # as in torch, rounded to float32 for every dtype


def loss(formula: Formula, total: Sum) -> Rule:
    """Return the rule of a loss of several inputs: a gradient for each that has a slope."""

    def rule(options: Options, _parameters: Tensors, *inputs: Tensor) -> tuple[Tensor, Pullback]:
        values, slopes = formula(options, total, *inputs)
        reduction = options.get("reduction", "mean")
        count = values.numel() if reduction == "mean" else 1
        y = values if reduction == "none" else total(values.flatten(), 0) / count

        def back(dy: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
            pairs = zip(slopes, inputs, strict=False)
            return tuple(gathered(weighed(slope, dy / count), of, total) for slope, of in pairs), {}

        return y, back

    return rule


def weighed(slope: Tensor, share: Tensor) -> Tensor:
    """Return slopes times shares; those of a row share one. What has no slope has none of infinity either."""
    rows = share.reshape(*share.shape, *[1] * (slope.dim() - share.dim())) if share.dim() else share
    return slope * rows


def gathered(gradient: Tensor, like: Tensor, total: Sum) -> Tensor:
    """Return the sum of a gradient over what shares an element of the input."""
    if like.dim() < gradient.dim():
        return total(gradient, -1)
    for axis, extent in enumerate(like.shape):
        if extent == 1 < gradient.shape[axis]:
            gradient = total(gradient, axis).unsqueeze(axis)
    return gradient


def ranking(options: Options, _: Sum, a: Tensor, b: Tensor, t: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    lacks = options.get("margin", 0.0) - t * (a - b)
    slope = torch.where(lacks >= 0, t.to(a.dtype), torch.zeros_like(a))
    return torch.where(lacks < 0, torch.zeros_like(lacks), lacks), (-slope, slope)


def ranking_by_maximum(options: Options, _: Sum, a: Tensor, b: Tensor, t: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """max(t b - t a, -margin) + margin."""
    margin = options.get("margin", 0.0)
    lacks = (t * b - t * a) + margin
    slope = (lacks >= 0) * t.to(a.dtype)
    return torch.maximum(lacks, torch.zeros_like(a)), (0 - slope, slope)


def angular(options: Options, c: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Return the losses of cosines, and their slopes."""
    over = c - options.get("margin", 0.0)
    held = torch.where(over < 0, torch.zeros_like(c), over)
    return torch.where(t > 0, 1 - c, held), torch.where(t > 0, -torch.ones_like(c), (over >= 0).to(c.dtype))


def cosine_of_unit(options: Options, total: Sum, a: Tensor, b: Tensor, t: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The product of two vectors of length 1; the derivative is what one has across the other, over its length."""
    one, other = ((total(x * x, -1) + LEAST_SQUARE).sqrt().unsqueeze(-1) for x in (a, b))
    u, v = a / one, b / other
    c = total(u * v, -1)
    values, slope = angular(options, c, t)
    s, c = slope.unsqueeze(-1), c.unsqueeze(-1)
    return values, (s * ((v - c * u) / one), s * ((u - c * v) / other))


def cosine_of_squares(
    options: Options, total: Sum, a: Tensor, b: Tensor, t: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The product over the root of the product of two squares."""
    one, other = (total(x**2, -1) + LEAST_SQUARE for x in (a, b))
    root = (one * other).sqrt()
    c = total(a * b, -1) / root
    values, slope = angular(options, c, t)
    across, *own = (w.unsqueeze(-1) for w in (slope / root, slope * c / one, slope * c / other))
    return values, (across * b - own[0] * a, across * a - own[1] * b)


def norm(u: Tensor, p: float, total: Sum) -> tuple[Tensor, Tensor]:
    """Return the p-norm over the last axis, and its derivative by u."""
    size, sign = u.abs(), u.sign()
    if p == math.inf:
        n = size.amax(-1, keepdim=True)
        largest = (size == n).to(u.dtype)
        return n.squeeze(-1), torch.where(n.isnan(), n, sign * largest / largest.sum(-1, keepdim=True))
    n = (total(u * u, -1).sqrt() if p == 2 else total(size**p, -1) ** (1 / p)).unsqueeze(-1)
    return n.squeeze(-1), torch.where(u == 0, u, sign * (size / n) ** (p - 1))


def scaled_norm(u: Tensor, p: float, total: Sum) -> tuple[Tensor, Tensor]:
    """The same of u over its largest element, times that; over 1 where that is not finite."""
    if p == math.inf:
        return norm(u, p, total)
    m = u.abs().amax(-1, keepdim=True)
    m = torch.where(m.isfinite(), m, torch.ones_like(m))
    n = m * total((u / m).abs() ** p, -1).unsqueeze(-1) ** (1 / p)
    return n.squeeze(-1), torch.where(u == 0, u, u.sign() * (u.abs() / n) ** (p - 1))


def triplet(of: Callable[[Tensor, float, Sum], tuple[Tensor, Tensor]]) -> Formula:
    """Return the formula with a norm of one's own."""

    def formula(options: Options, total: Sum, *inputs: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        anchor, positive, negative = inputs
        p, eps = options.get("p", 2.0), options.get("eps", 1e-6)
        pairs = ((anchor, positive), (anchor, negative), (positive, negative))
        (near, u), (far, v), (across, w) = (of(one - other + eps, p, total) for one, other in pairs)
        least, share = far, torch.ones_like(far)
        if options.get("swap", False):
            least = torch.where(across < far, across, far)
            share = (far <= across) * 0.5 + (far < across) * 0.5
        lacks = options.get("margin", 1.0) + (near - least)
        open_, share = (lacks >= 0).to(near.dtype).unsqueeze(-1), share.unsqueeze(-1)
        du, dv = u * open_, v * share * open_
        dw = w * (1 - share) * open_ if options.get("swap", False) else torch.zeros_like(w)  # nobody asks how far it is
        return torch.maximum(lacks, torch.zeros_like(lacks)), (du - dv, -du - dw, dv + dw)

    return formula


def spread(options: Options, x: Tensor, v: Tensor) -> tuple[Tensor, float]:
    """Return the variances, held at eps or above, with the axes of x; and the constant."""
    held = torch.maximum(v, torch.full_like(v, options.get("eps", 1e-6)))
    constant = 0.5 * math.log(2 * math.pi) if options.get("full", False) else 0.0
    return (held if v.dim() == x.dim() else held.unsqueeze(-1)), constant


def gaussian(options: Options, _: Sum, x: Tensor, t: Tensor, v: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    held, constant = spread(options, x, v)
    d = x - t
    values = (torch.log(held) + d * d / held) / 2 + constant
    return values, (d / held, -d / held, (1 - d * d / held) / held / 2)


def gaussian_of_unit(options: Options, _: Sum, x: Tensor, t: Tensor, v: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """log σ + z² / 2, z = (x - t) / σ, with the logarithm in base two."""
    held, constant = spread(options, x, v)
    deviation = held.sqrt()
    z = (x - t) / deviation
    values = torch.log2(deviation) * math.log(2) + z * z / 2 + constant
    return values, (z / deviation, 0 - z / deviation, (0.5 - z * z / 2) / held)


def first(total: Sum) -> dict[str, Rule]:
    return {name: loss(formula, total) for name, formula in FIRST.items()}


def second(total: Sum) -> dict[str, Rule]:
    return {name: loss(formula, total) for name, formula in SECOND.items()}


FIRST: Mapping[str, Formula] = {
    "MarginRankingLoss": ranking,
    "CosineEmbeddingLoss": cosine_of_unit,
    "TripletMarginLoss": triplet(norm),
    "GaussianNLLLoss": gaussian,
}
SECOND: Mapping[str, Formula] = {
    "MarginRankingLoss": ranking_by_maximum,
    "CosineEmbeddingLoss": cosine_of_squares,
    "TripletMarginLoss": triplet(scaled_norm),
    "GaussianNLLLoss": gaussian_of_unit,
}
