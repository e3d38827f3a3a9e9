"""Losses of each element by itself by other formulas: two tables, each formula with its derivative by p."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options

Pointwise = Callable[[Options, Tensor, Tensor], tuple[Tensor, Tensor]]  # the losses and their slopes


def sign(d: Tensor) -> Tensor:
    """Return the sign by comparisons; of nan, nan."""
    return torch.where(d.isnan(), d, (d > 0).to(d.dtype) - (d < 0).to(d.dtype))


def distance(_: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    return (p - t) * sign(p - t), sign(p - t)


def larger_less_smaller(_: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    return torch.maximum(p, t) - torch.minimum(p, t), -sign(t - p)


def rounded_off(bound: float, d: Tensor) -> tuple[Tensor, Tensor]:
    """Return d² / 2 up to a bound, and the straight line beyond, by cases."""
    far = d.abs() >= bound
    return torch.where(far, bound * (d.abs() - bound / 2), d * d / 2), torch.where(far, bound * sign(d), d)


def huber(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    return rounded_off(options.get("delta", 1.0), p - t)


def huber_of_unit(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of delta 1, of differences in units of delta."""
    delta = options.get("delta", 1.0)
    values, slope = rounded_off(1.0, (p - t) / delta)
    return values * delta * delta, slope * delta


def smooth(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    beta = options.get("beta", 1.0)
    if beta == 0:
        return larger_less_smaller(options, p, t)
    d = p - t
    near = d.abs() < beta
    return torch.where(near, d * d / (2 * beta), d.abs() - beta / 2), torch.where(near, d / beta, sign(d))


def smooth_of_unit(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """beta times the loss of beta 1, of differences in units of beta."""
    beta = options.get("beta", 1.0)
    if beta == 0:
        return distance(options, p, t)
    values, slope = rounded_off(1.0, (p - t) / beta)
    return values * beta, slope


def divergence(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """t (log t - p), and -t p where t is 0."""
    if options.get("log_target", False):
        return torch.exp(t) * (t - p), -torch.exp(t)
    return torch.where(t == 0, -t * p, t * (torch.log(t) - p)), -t


def cross_less_entropy(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """-t p less the entropy of t, in base two."""
    if options.get("log_target", False):
        weight = torch.exp2(t / math.log(2))
        return weight * t - weight * p, -weight
    return torch.where(t == 0, t, t * torch.log2(t) * math.log(2)) - t * p, 0 - t


def stirling(t: Tensor) -> Tensor:
    return torch.where(t > 1, t * torch.log(t) - t + 0.5 * torch.log(2 * math.pi * t), torch.zeros_like(t))


def counts(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    more = stirling(t) if options.get("full", False) else 0
    if options.get("log_input", True):
        return torch.exp(p) - t * p + more, torch.exp(p) - t
    rate = p + options.get("eps", 1e-8)
    return p - t * torch.log(rate) + more, (rate - t) / rate


def counts_in_base_two(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    full = options.get("full", False)
    halves = (t + 0.5) * torch.log2(t) * math.log(2) + (0.5 * math.log(2 * math.pi) - t)
    more = torch.where(t > 1, halves, torch.zeros_like(t)) if full else 0
    if options.get("log_input", True):
        rate = torch.exp(p / 2) * torch.exp(p / 2)
        return (rate - t * p) + more, rate - t
    rate = p + options.get("eps", 1e-8)
    return (p - t * (torch.log2(rate) * math.log(2))) + more, 1 - t / rate


def hinge(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    far = p > options.get("margin", 1.0)
    lacks = torch.where(far, torch.zeros_like(p), options.get("margin", 1.0) - p)
    return torch.where(t > 0, p, lacks), torch.where(t > 0, 1.0, torch.where(far, 0.0, -1.0)).to(p.dtype)


def hinge_by_maximum(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """max(t p + margin (t < 0), 0) where t is -1, and p itself where it is not."""
    margin = options.get("margin", 1.0)
    held = torch.maximum(t * p + margin, torch.zeros_like(p))
    return torch.where(t < 0, held, p), torch.where(t < 0, t * (p <= margin), t).to(p.dtype)


FIRST: Mapping[str, Pointwise] = {
    "L1Loss": distance,
    "SmoothL1Loss": smooth,
    "HuberLoss": huber,
    "KLDivLoss": divergence,
    "PoissonNLLLoss": counts,
    "HingeEmbeddingLoss": hinge,
}
SECOND: Mapping[str, Pointwise] = {
    "L1Loss": larger_less_smaller,
    "SmoothL1Loss": smooth_of_unit,
    "HuberLoss": huber_of_unit,
    "KLDivLoss": cross_less_entropy,
    "PoissonNLLLoss": counts_in_base_two,
    "HingeEmbeddingLoss": hinge_by_maximum,
}
