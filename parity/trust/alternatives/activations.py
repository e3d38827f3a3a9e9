"""Activations by other formulas, two tables of them; none subtracts numbers that are close to each other."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum


def pointwise(formula: Callable[[Tensor], tuple[Tensor, Tensor]]) -> Rule:
    """Return the rule of a formula that gives y and dy/dx."""

    def rule(_options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        y, slope = formula(x)
        return y, lambda dy: (dy * slope, {})

    return rule


def sigmoid_by_halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """1 / (1 + e) right of zero and e / (1 + e) left of it, with e = exp(-|x|); the slope is e / (1 + e)²."""
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + e), e / (1 + e)), e / (1 + e).square()


def sigmoid_by_logarithm(x: Tensor) -> tuple[Tensor, Tensor]:
    """exp(-softplus(-x)), and the slope exp(-softplus(-x) - softplus(x))."""
    tail = torch.log1p(torch.exp(-x.abs()))
    below, above = tail - x.clamp(max=0), tail + x.clamp(min=0)  # softplus(-x), softplus(x)
    return torch.exp(-below), torch.exp(-below - above)


def tanh_by_expm1(x: Tensor) -> tuple[Tensor, Tensor]:
    """-m / (2 + m) with the sign of x, where m = expm1(-2|x|); the slope is 4 e / (1 + e)², e = exp(-2|x|)."""
    m, e = torch.expm1(-2 * x.abs()), torch.exp(-2 * x.abs())
    return torch.copysign(-m / (2 + m), x), 4 * e / (1 + e).square()


def tanh_by_quotient(x: Tensor) -> tuple[Tensor, Tensor]:
    """sinh / cosh near zero and 1 - 2 / (1 + exp(2|x|)) elsewhere; the slope is 1 / cosh²."""
    near, cosh = torch.sinh(x) / torch.cosh(x), torch.cosh(x)
    far = torch.copysign(1 - 2 / (1 + torch.exp(2 * x.abs())), x)
    return torch.where(x.abs() < 1, near, far), 1 / cosh / cosh


def relu_by_maximum(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.maximum(x, torch.zeros_like(x)), torch.ones_like(x).masked_fill(x <= 0, 0)


def relu_by_choice(x: Tensor) -> tuple[Tensor, Tensor]:
    return torch.where(x <= 0, 0, x), 1 - (x <= 0).to(x.dtype)


def leaky_by_parts(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """max(x, 0) + s min(x, 0), and the slope s + (1 - s) [x > 0]."""
    s = options.get("negative_slope", 0.01)
    y = x.clamp(min=0) + s * x.clamp(max=0)
    return y, lambda dy: (dy * (s + (1 - s) * (x > 0).to(x.dtype)), {})


def leaky_by_factor(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """x times the slope."""
    slope = torch.ones_like(x).masked_fill(~(x > 0), options.get("negative_slope", 0.01))
    return x * slope, lambda dy: (dy * slope, {})


def softmax_by_logarithm(total: Sum) -> Rule:
    """y = exp(z - log Σ exp z), z = x - max x; dx = y (dy - Σ y dy).

    exp(x - (max x + log Σ exp z)) would not do: where x is large the sum in brackets loses the logarithm.
    """

    def rule(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        dim = options["dim"]
        z = x - x.amax(dim, keepdim=True)
        y = torch.exp(z - total(torch.exp(z), dim).unsqueeze(dim).log())
        return y, lambda dy: (y * (dy - total(y * dy, dim).unsqueeze(dim)), {})

    return rule


def softmax_in_base_two(total: Sum) -> Rule:
    """y = 2^z / Σ 2^z with z = (x - max x) / log 2; dx = y dy - y Σ y dy."""

    def rule(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        dim = options["dim"]
        powers = torch.exp2((x - x.amax(dim, keepdim=True)) * math.log2(math.e))
        y = powers / total(powers, dim).unsqueeze(dim)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            weighted = y * dy
            return weighted - y * total(weighted, dim).unsqueeze(dim), {}

        return y, back

    return rule


def first(total: Sum) -> dict[str, Rule]:
    return {
        "Sigmoid": pointwise(sigmoid_by_halves),
        "Tanh": pointwise(tanh_by_expm1),
        "ReLU": pointwise(relu_by_maximum),
        "LeakyReLU": leaky_by_parts,
        "Softmax": softmax_by_logarithm(total),
    }


def second(total: Sum) -> dict[str, Rule]:
    return {
        "Sigmoid": pointwise(sigmoid_by_logarithm),
        "Tanh": pointwise(tanh_by_quotient),
        "ReLU": pointwise(relu_by_choice),
        "LeakyReLU": leaky_by_factor,
        "Softmax": softmax_in_base_two(total),
    }
