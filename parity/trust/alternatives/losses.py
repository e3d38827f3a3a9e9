"""Losses by other formulas, two tables of them, each over a given order of summation.

A formula gives the values before reduction and their derivative by the prediction p.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from parity.trust.alternatives import distances, pairs
from parity.trust.alternatives.distances import Pointwise
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum

Formula = Callable[[Tensor, Tensor, Sum], tuple[Tensor, Tensor]]
Weighed = Callable[[Options, Tensor, Tensor, Sum], tuple[Tensor, Tensor, Tensor | int]]  # and what the mean divides by
LOWEST_LOG = -100.0  # as in torch
LEAST_VARIANCE = float(torch.tensor(1e-12, dtype=torch.float32))  # as in torch, rounded to float32 in its kernels


def loss(formula: Weighed, total: Sum) -> Rule:
    """Return the rule of a loss: its values as they are, their sum, or that over a count or a sum of weights."""

    def rule(options: Options, _parameters: Tensors, p: Tensor, t: Tensor) -> tuple[Tensor, Pullback]:
        values, slope, whole = formula(options, p, t, total)
        reduction = options.get("reduction", "mean")
        count = {"mean": whole, "batchmean": len(p) if p.dim() else 1}.get(reduction, 1)
        y = values if reduction == "none" else total(values.flatten(), 0) / count

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            over_classes = dy.unsqueeze(1) if dy.dim() and dy.dim() < p.dim() else dy
            share = over_classes / count
            return torch.where(slope == 0, slope, slope * share) if isinstance(count, Tensor) else slope * share, {}

        return y, back

    return rule


def plain(formula: Formula) -> Weighed:
    """Return a formula without options but for a weight of every element, by which losses and slopes are multiplied."""

    def weighed(options: Options, p: Tensor, t: Tensor, total: Sum) -> tuple[Tensor, Tensor, Tensor | int]:
        values, slope = formula(p, t, total)
        weight = options.get("weight")
        if weight is None:
            return values, slope, values.numel()
        return values * weight.to(p.dtype), slope * weight.to(p.dtype), values.numel()

    return weighed


def pointwise(formula: Pointwise) -> Weighed:
    return lambda options, p, t, _: (*formula(options, p, t), p.numel())


def squares(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """(p - t)², as a product."""
    return (p - t) * (p - t), (p - t) + (p - t)


def powers(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """|t - p|², as a power."""
    return (t - p).abs() ** 2, -2 * (t - p)


def bce_by_halves(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """-(t log p + (1 - t) log(1 - p)): a logarithm is taken by log1p where its argument is over 1/2."""
    log_p = torch.where(p > 0.5, torch.log1p(p - 1), torch.log(p)).clamp(min=LOWEST_LOG)
    log_rest = torch.where(p < 0.5, torch.log1p(-p), torch.log(1 - p)).clamp(min=LOWEST_LOG)
    return -(t * log_p + (1 - t) * log_rest), (p - t) / (p * (1 - p)).clamp(min=LEAST_VARIANCE)


def bce_in_base_two(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """The same with logarithms in base two; the derivative is (p - t)(1 / p + 1 / (1 - p))."""
    log_p = (torch.log2(p) * math.log(2)).clamp(min=LOWEST_LOG)
    log_rest = torch.log1p(-p).clamp(min=LOWEST_LOG)
    return (t - 1) * log_rest - t * log_p, (p - t) * (1 / p + 1 / (1 - p)).clamp(max=1 / LEAST_VARIANCE)


def as_torch_at_infinity(values: Tensor, p: Tensor) -> Tensor:
    """Return the values with nan for p = -inf, where torch subtracts two infinities."""
    return values.masked_fill(p == -torch.inf, torch.nan)


def logits_by_two_softplus(options: Options, p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor, int]:
    """w t softplus(-p) + (1 - t) softplus(p), both terms positive; the derivative is (1 - t) σ(p) - w t σ(-p)."""
    e = torch.exp(-p.abs())
    left, right = torch.log1p(e) - p.clamp(max=0), torch.log1p(e) + p.clamp(min=0)
    one, other = 1 / (1 + e), e / (1 + e)
    up, down = torch.where(p >= 0, one, other), torch.where(p >= 0, other, one)
    weight, w = constants(options, p)
    values = as_torch_at_infinity(w * t * left + (1 - t) * right, p)
    return values * weight, ((1 - t) * up - w * t * down) * weight, values.numel()


def logits_by_two_logarithms(options: Options, p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor, int]:
    """(1 - t) p + (1 - t + w t) log(exp(-p) + exp 0), by torch.logaddexp; its derivative by exp(-softplus(-p))."""
    softplus = torch.logaddexp(-p, torch.zeros_like(p))
    weight, w = constants(options, p)
    both = 1 - t + w * t
    return ((1 - t) * p + both * softplus) * weight, (both * torch.exp(-softplus) - w * t) * weight, p.numel()


def constants(options: Options, p: Tensor) -> tuple[Tensor, Tensor]:
    """Return weight and pos_weight, ones where they are left out."""
    given = (options.get(name) for name in ("weight", "pos_weight"))
    weight, pos_weight = (torch.ones_like(p) if value is None else value.to(p.dtype) for value in given)
    return weight, pos_weight


def log_softmax(p: Tensor, total: Sum) -> Tensor:
    """z - log Σ exp z, z = p - max p."""
    z = p - p.amax(classes(p), keepdim=True)
    return z - total(torch.exp(z), classes(p)).unsqueeze(classes(p)).log()


def log_softmax_by_log1p(p: Tensor, total: Sum) -> Tensor:
    """(p - m) - log(1 + Σ exp(p - m)), the sum over all but one class where p is the largest, m."""
    m, at = p.max(classes(p), keepdim=True)
    others = torch.exp(p - m) * torch.ones_like(p).scatter(classes(p), at, 0)
    return (p - m) - torch.log1p(total(others, classes(p)).unsqueeze(classes(p)))


def classes(p: Tensor) -> int:
    """Return the axis of the classes."""
    return min(1, p.dim() - 1)


def whole(options: Options, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor | int]:
    """Return the target as a weight of every class of every position, and what the mean divides by."""
    at, share = classes(p), options.get("label_smoothing", 0.0)
    given = options.get("weight")
    weight = torch.ones(p.shape[at], dtype=p.dtype, device=p.device) if given is None else given.to(p.dtype)
    each = weight.view(-1, *[1] * (p.dim() - at - 1))
    if t.is_floating_point():
        return each * (t - share * t + share / p.shape[at]), p.numel() // p.shape[at]
    ignored = (t == options.get("ignore_index", -100)).unsqueeze(at)
    places = t.unsqueeze(at).masked_fill(ignored, 0)
    hard = torch.zeros_like(p).scatter(at, places, 1)
    soft = each * ((1 - share) * hard + share / p.shape[at])
    return soft.masked_fill(ignored, 0), (each * hard).masked_fill(ignored, 0).sum()


def cross_entropy(log_probabilities: Callable[[Tensor, Sum], Tensor]) -> Weighed:
    """-Σ a log y, a a weight of every class, a class standing for a one. The derivative is y Σ a - a."""

    def formula(options: Options, p: Tensor, t: Tensor, total: Sum) -> tuple[Tensor, Tensor, Tensor | int]:
        log_y, at = log_probabilities(p, total), classes(p)
        a, count = whole(options, p, t)
        terms = a * log_y if t.is_floating_point() else torch.where(a == 0, a, a * log_y)
        return -total(terms, at), torch.exp(log_y) * total(a, at).unsqueeze(at) - a, count

    return formula


def likelihood(options: Options, p: Tensor, t: Tensor, total: Sum) -> tuple[Tensor, Tensor, Tensor | int]:
    """-Σ a p, a the weight of the chosen class, and 0 for the others."""
    a, count = whole(options, p, t)
    return -total(torch.where(a == 0, a, a * p), classes(p)), -a, count


def likelihood_by_index(options: Options, p: Tensor, t: Tensor, _: Sum) -> tuple[Tensor, Tensor, Tensor | int]:
    """-p of the chosen class times its weight, by its place."""
    a, count = whole(options, p, t)
    weight, at = a.amax(classes(p), keepdim=True), a.argmax(classes(p), keepdim=True)
    values = torch.where(weight == 0, weight, p.gather(classes(p), at) * weight)
    return -values.squeeze(classes(p)), 0 - a, count


def first(total: Sum) -> dict[str, Rule]:
    return {
        "MSELoss": loss(plain(squares), total),
        "BCELoss": loss(plain(bce_by_halves), total),
        "BCEWithLogitsLoss": loss(logits_by_two_softplus, total),
        "CrossEntropyLoss": loss(cross_entropy(log_softmax), total),
        "NLLLoss": loss(likelihood, total),
        **{name: loss(pointwise(formula), total) for name, formula in distances.FIRST.items()},
        **pairs.first(total),
    }


def second(total: Sum) -> dict[str, Rule]:
    return {
        "MSELoss": loss(plain(powers), total),
        "BCELoss": loss(plain(bce_in_base_two), total),
        "BCEWithLogitsLoss": loss(logits_by_two_logarithms, total),
        "CrossEntropyLoss": loss(cross_entropy(log_softmax_by_log1p), total),
        "NLLLoss": loss(likelihood_by_index, total),
        **{name: loss(pointwise(formula), total) for name, formula in distances.SECOND.items()},
        **pairs.second(total),
    }
