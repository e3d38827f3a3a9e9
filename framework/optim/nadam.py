"""NAdam."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch

from framework.optim.descent import State, Tensors, average, average_of_squares, descent, kept, root
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser, flag, positive, shares


def momentum(beta: float, step: float, decay: float) -> float:
    """Return μ of a step, which rises from about β / 2 to β."""
    return float(beta * (1 - 0.5 * 0.96 ** (step * decay)))


def update(
    values: Tensors,
    grads: Tensors,
    state: State,
    step: float,
    mu_product: float,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    momentum_decay: float,
    decoupled_weight_decay: bool,
    maximize: bool,
) -> float:
    """Return the product of μ over all steps, this one included; change values and state in place."""
    if decoupled_weight_decay:
        torch._foreach_mul_(values, 1 - lr * weight_decay)
        weight_decay = 0.0
    directions = descent(values, grads, weight_decay, maximize)
    mu, mu_next = (momentum(betas[0], at, momentum_decay) for at in (step, step + 1))
    product = mu_product * mu
    means = average(kept(state, "exp_avg", values), directions, betas[0])
    squares = average_of_squares(kept(state, "exp_avg_sq", values), directions, betas[1])
    scales = root(squares, eps, (1 - betas[1] ** step) ** 0.5)
    torch._foreach_addcdiv_(values, directions, scales, -lr * (1 - mu) / (1 - product))
    torch._foreach_addcdiv_(values, means, scales, -lr * mu_next / (1 - product * mu_next))
    return product


class NAdam(Optimiser):
    """Adam with Nesterov's look ahead: the step takes the mean of the gradients as it will be one step later.

    State     exp_avg m, exp_avg_sq v, 0 at first; mu_product, the product of all μ
    Step t    g = grad + weight_decay · value, of -grad if maximize; decoupled, as in AdamW
              μₜ = β₁ (1 - 0.96^(t · momentum_decay) / 2);  mu_product = μ₁ ... μₜ
              m = β₁ · m + (1 - β₁) · g;  v = β₂ · v + (1 - β₂) · g²
              m̂ = μₜ₊₁ · m / (1 - μ₁ ... μₜ₊₁) + (1 - μₜ) · g / (1 - μ₁ ... μₜ)
              value = value - lr · m̂ / (sqrt(v / (1 - β₂ᵗ)) + eps)
    Source    Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2; torch.optim.NAdam.
    Raises    ValueError if a number is negative or not finite, or one of betas is not below 1.
    """

    states: ClassVar = ("exp_avg", "exp_avg_sq")
    rules: ClassVar = {
        "lr": positive,
        "betas": shares,
        "eps": positive,
        "weight_decay": positive,
        "momentum_decay": positive,
        "decoupled_weight_decay": flag,
        "maximize": flag,
    }

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )
        for group in self.groups:
            group.numbers["mu_product"] = 1.0

    def update(self, group: Group) -> None:
        step, product = group.numbers["step"], group.numbers["mu_product"]
        group.numbers["mu_product"] = update(group.values, group.grads, group.state, step, product, **group.options)
