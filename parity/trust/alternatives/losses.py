"""Losses by other formulas, two tables of them, each over a given order of summation.

A formula gives the values before reduction and their derivative by the prediction p.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum

Formula = Callable[[Tensor, Tensor, Sum], tuple[Tensor, Tensor]]
LOWEST_LOG = -100.0  # as in torch
LEAST_VARIANCE = float(torch.tensor(1e-12, dtype=torch.float32))  # as in torch, rounded to float32 in its kernels


def loss(formula: Formula, total: Sum) -> Rule:
    """Return the rule of a loss: its values as they are, their sum, or that over their number."""

    def rule(options: Options, _parameters: Tensors, p: Tensor, t: Tensor) -> tuple[Tensor, Pullback]:
        values, slope = formula(p, t, total)
        reduction = options.get("reduction", "mean")
        count = values.numel() if reduction == "mean" else 1
        y = values if reduction == "none" else total(values.flatten(), 0) / count

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            over_classes = dy.unsqueeze(1) if dy.dim() and dy.dim() < p.dim() else dy
            return slope * (over_classes / count), {}

        return y, back

    return rule


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


def logits_by_two_softplus(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """t softplus(-p) + (1 - t) softplus(p), both terms positive; the derivative is (1 - t) σ(p) - t σ(-p)."""
    e = torch.exp(-p.abs())
    left, right = torch.log1p(e) - p.clamp(max=0), torch.log1p(e) + p.clamp(min=0)
    one, other = 1 / (1 + e), e / (1 + e)
    up, down = torch.where(p >= 0, one, other), torch.where(p >= 0, other, one)
    return as_torch_at_infinity(t * left + (1 - t) * right, p), (1 - t) * up - t * down


def logits_by_two_logarithms(p: Tensor, t: Tensor, _total: Sum) -> tuple[Tensor, Tensor]:
    """(1 - t) p + log(exp(-p) + exp 0), by torch.logaddexp; the derivative is exp(-softplus(-p)) - t."""
    softplus = torch.logaddexp(-p, torch.zeros_like(p))
    return (1 - t) * p + softplus, torch.exp(-softplus) - t


def log_softmax(p: Tensor, total: Sum) -> Tensor:
    """z - log Σ exp z, z = p - max p."""
    z = p - p.amax(1, keepdim=True)
    return z - total(torch.exp(z), 1).unsqueeze(1).log()


def log_softmax_by_log1p(p: Tensor, total: Sum) -> Tensor:
    """(p - m) - log(1 + Σ exp(p - m)), the sum over all but one class where p is the largest, m."""
    m, at = p.max(1, keepdim=True)
    others = torch.exp(p - m) * torch.ones_like(p).scatter(1, at, 0)
    return (p - m) - torch.log1p(total(others, 1).unsqueeze(1))


def cross_entropy(log_probabilities: Callable[[Tensor, Sum], Tensor]) -> Formula:
    """-Σ t log y; for a class, -log y of that class. The derivative is y Σ t - t, a class standing for a one."""

    def formula(p: Tensor, t: Tensor, total: Sum) -> tuple[Tensor, Tensor]:
        log_y = log_probabilities(p, total)
        if t.is_floating_point():
            return -total(t * log_y, 1), torch.exp(log_y) * total(t, 1).unsqueeze(1) - t
        at = t.unsqueeze(1)
        return -log_y.gather(1, at).squeeze(1), torch.exp(log_y) - torch.zeros_like(p).scatter(1, at, 1)

    return formula


def first(total: Sum) -> dict[str, Rule]:
    return {
        "MSELoss": loss(squares, total),
        "BCELoss": loss(bce_by_halves, total),
        "BCEWithLogitsLoss": loss(logits_by_two_softplus, total),
        "CrossEntropyLoss": loss(cross_entropy(log_softmax), total),
    }


def second(total: Sum) -> dict[str, Rule]:
    return {
        "MSELoss": loss(powers, total),
        "BCELoss": loss(bce_in_base_two, total),
        "BCEWithLogitsLoss": loss(logits_by_two_logarithms, total),
        "CrossEntropyLoss": loss(cross_entropy(log_softmax_by_log1p), total),
    }
