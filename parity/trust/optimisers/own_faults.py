"""Faults of one optimiser's formula, those of real libraries among them: which parts of its rule are other ones."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from parity.trust.optimisers.rules import At, descent, look_ahead, mean, mu

Parts = dict[str, Callable[..., Any]]


def aliased(before: Tensor | None, new: Tensor, at: At) -> Any:
    """Keep the gradient's own buffer as the first velocity: at the next step it holds the next gradient."""
    if before is None:
        return at.grad
    return at.options["momentum"] * before + (1 - at.options["dampening"]) * new


def aliased_for_good(before: Tensor | None, new: Tensor, at: At) -> Tensor:
    """Do the same, and add to that buffer ever after."""
    if before is None:
        return at.grad
    return before.mul_(at.options["momentum"]).add_(new, alpha=1 - at.options["dampening"])


def dampened_first(before: Tensor | None, new: Tensor, at: At) -> Any:
    kept = torch.zeros_like(new) if before is None else before
    return at.options["momentum"] * kept + (1 - at.options["dampening"]) * new


def of_old_velocity(new: Tensor, velocity: Tensor, at: At) -> Tensor:
    before = at.state.get("_velocity", torch.zeros_like(velocity))
    at.state["_velocity"] = velocity
    return new + at.options["momentum"] * before if at.options["nesterov"] else velocity


def of_velocity_alone(_: Tensor, velocity: Tensor, at: At) -> Tensor:
    return at.options["momentum"] * velocity if at.options["nesterov"] else velocity


def squares_undecayed(f: Any, at: At, new: Tensor) -> tuple[Tensor, Tensor]:
    """Take the second moment of the gradient without its decay."""
    betas = at.options["betas"]
    at.state["exp_avg"] = f.mean(at.kept("exp_avg"), new, betas[0])
    at.state["exp_avg_sq"] = f.mean_square(at.kept("exp_avg_sq"), descent(at.but(weight_decay=0.0)), betas[1])
    return at.state["exp_avg"], at.state["exp_avg_sq"]


def swapped(f: Any, at: At, new: Tensor) -> tuple[Tensor, Tensor]:
    one, two = at.options["betas"]
    at.state["exp_avg"] = f.mean(at.kept("exp_avg"), new, two)
    at.state["exp_avg_sq"] = f.mean_square(at.kept("exp_avg_sq"), new, one)
    return at.state["exp_avg"], at.state["exp_avg_sq"]


def largest_at_first(square: Tensor, at: At) -> Any:
    """Keep the first second moment as if it were the largest."""
    if at.options["amsgrad"]:
        at.state.setdefault("max_exp_avg_sq", square)
    return at.state.get("max_exp_avg_sq", square)


def corrected_largest(square: Tensor, at: At) -> Any:
    """Take the largest of the corrected moments, and correct nothing after: amsgrad as its paper's readers have it."""
    if not at.options["amsgrad"]:
        return square
    two = 1 - at.options["betas"][1] ** at.step
    at.state["max_exp_avg_sq"] = torch.maximum(at.kept("max_exp_avg_sq"), square / two)
    return at.state["max_exp_avg_sq"] * two


def eps_inside(first: Tensor, second: Tensor, one: float, two: float, at: At) -> Any:
    return (first / one) / (second / two + at.options["eps"]).sqrt()


def eps_uncorrected(first: Tensor, second: Tensor, one: float, two: float, at: At) -> Any:
    """Kingma & Ba's quicker form, whose eps is another one."""
    return first * (two**0.5 / one) / (second.sqrt() + at.options["eps"])


def eps_forgotten(first: Tensor, second: Tensor, one: float, two: float, _: At) -> Tensor:
    return (first / one) / (second / two).sqrt()


def without_root(first: Tensor, second: Tensor, one: float, two: float, at: At) -> Any:
    return (first / one) / (second / two + at.options["eps"])


OF_MOMENTS: dict[str, Parts] = {
    "second correction without the power": {"corrections": lambda b, t: (1 - b[0] ** t, 1 - b[1])},
    "second moment uncorrected": {"corrections": lambda b, t: (1 - b[0] ** t, 1.0)},
    "corrections off by one": {"corrections": lambda b, t: (1 - b[0] ** (t + 1), 1 - b[1] ** (t + 1))},
    "betas swapped": {"moments": swapped},
    "second moment of absolutes": {"mean_square": lambda v, d, b: mean(v, d.abs(), b)},
    "first moment a sum": {"mean": lambda m, d, b: b * m + d},
    "second moment a sum": {"mean_square": lambda v, d, b: b * v + d * d},
    "first moment not kept": {"mean": lambda _, d, b: (1 - b) * d},
    "eps under the root": {"divided": eps_inside},
    "eps before the correction": {"divided": eps_uncorrected},
    "eps forgotten": {"divided": eps_forgotten},
    "root forgotten": {"divided": without_root},
}
OF_ADAM: dict[str, Parts] = OF_MOMENTS | {
    "corrections without the power": {"corrections": lambda b, _: (1 - b[0], 1 - b[1])},
    "first correction without the power": {"corrections": lambda b, t: (1 - b[0], 1 - b[1] ** t)},
    "nothing corrected": {"corrections": lambda _, __: (1.0, 1.0)},
    "first moment uncorrected": {"corrections": lambda b, t: (1.0, 1 - b[1] ** t)},
    "amsgrad forgotten": {"largest": lambda v, _: v},
    "amsgrad keeps the first": {"largest": largest_at_first},
    "amsgrad of corrected moments": {"largest": corrected_largest},
}
DECOUPLED: dict[str, Parts] = {
    "decay through the gradient": {
        "shrunk": lambda at: at.value,
        "descent": lambda at: descent(at.but(decoupled_weight_decay=False)),
    },
    "decay without the rate": {"shrunk": lambda at: at.value * (1 - at.options["weight_decay"])},
    "decay times the rate twice": {
        "shrunk": lambda at: at.value * (1 - at.options["lr"] ** 2 * at.options["weight_decay"])
    },
}
OWN: Mapping[str, dict[str, Parts]] = {
    "SGD": {
        "velocity is the gradient's buffer": {"velocity": aliased},
        "velocity is the gradient's buffer for good": {"velocity": aliased_for_good},
        "dampened from the first step": {"velocity": dampened_first},
        "dampening forgotten": {
            "velocity": lambda v, d, at: d if v is None else at.options["momentum"] * v + d,
        },
        "dampening for its complement": {
            "velocity": lambda v, d, at: d if v is None else at.options["momentum"] * v + at.options["dampening"] * d,
        },
        "velocity averaged": {
            "velocity": lambda v, d, at: d if v is None else mean(v, d, at.options["momentum"]),
        },
        "rate inside the velocity": {
            "velocity": lambda v, d, at: at.options["lr"] * d + (0 if v is None else at.options["momentum"] * v),
            "ahead": lambda _, v, at: v / at.options["lr"],
        },
        "momentum forgotten": {"ahead": lambda d, _, __: d},
        "velocity not kept": {"velocity": lambda _, d, __: d},
        "nesterov forgotten": {"ahead": lambda _, v, __: v},
        "nesterov always": {"ahead": lambda d, v, at: d + at.options["momentum"] * v},
        "nesterov of the velocity before": {"ahead": of_old_velocity},
        "nesterov of the velocity alone": {"ahead": of_velocity_alone},
    },
    "Adam": OF_ADAM
    | {
        "second moment of the gradient without decay": {"moments": squares_undecayed},
        "decay never through the gradient": {
            "descent": lambda at: descent(at.but(decoupled_weight_decay=True)),
            "shrunk": lambda at: at.value * (1 - at.options["lr"] * at.options["weight_decay"]),
        },
        "decoupled decay through the gradient": DECOUPLED["decay through the gradient"],
    },
    "AdamW": OF_ADAM | DECOUPLED,
    "NAdam": OF_MOMENTS
    | {
        "momenta not multiplied": {"product": lambda _, mu: mu},
        "momentum does not rise": {"mu": lambda at, _: at.options["betas"][0]},
        "momentum rises by another base": {
            "mu": lambda at, t: at.options["betas"][0] * (1 - 0.5 * 0.9 ** (t * at.options["momentum_decay"])),
        },
        "momentum decay forgotten": {"mu": lambda at, t: mu(at.but(momentum_decay=4e-3), t)},
        "momentum counted from zero": {"mu": lambda at, t: mu(at, t - 1)},
        "momentum of the same step": {
            "look_ahead": lambda m, d, mus, product: look_ahead(m, d, (mus[0], mus[0]), product),
        },
        "no look ahead": {"look_ahead": lambda m, _, mus, product: m / (1 - product * mus[1])},
        "product of the same step": {
            "look_ahead": lambda m, d, mus, p: mus[1] * m / (1 - p) + (1 - mus[0]) * d / (1 - p),
        },
        "gradient uncorrected": {
            "look_ahead": lambda m, d, mus, p: mus[1] * m / (1 - p * mus[1]) + (1 - mus[0]) * d,
        },
        "decoupled decay through the gradient": DECOUPLED["decay through the gradient"],
    },
    "RMSprop": {
        "eps under the root": {"denominator": lambda v, eps: (v + eps).sqrt()},
        "eps forgotten": {"denominator": lambda v, _: v.sqrt()},
        "root forgotten": {"denominator": lambda v, eps: v + eps},
        "centring forgotten": {"centred": lambda v, _: v},
        "centred by the mean, not its square": {"centred": lambda v, m: v - m.abs() * v},
        "centred the wrong way": {"centred": lambda v, m: v + m * m},
        "alpha for its complement": {"mean_square": lambda v, d, a: (1 - a) * v + a * d * d},
        "squares summed": {"mean_square": lambda v, d, a: a * v + d * d},
        "absolutes averaged": {"mean_square": lambda v, d, a: mean(v, d.abs(), a)},
        "momentum averaged": {"velocity": lambda b, d, at: mean(b, d, at.options["momentum"])},
        "momentum forgotten": {"ahead": lambda d, _, __: d},
        "rate inside the momentum": {
            "velocity": lambda b, d, at: at.options["momentum"] * b + at.options["lr"] * d,
            "ahead": lambda _, b, at: b / at.options["lr"],
        },
        "mean not kept": {"mean": lambda _, d, a: (1 - a) * d},
    },
    "Adagrad": {
        "eps under the root": {"denominator": lambda s, eps: (s + eps).sqrt()},
        "eps forgotten": {"denominator": lambda s, _: s.sqrt()},
        "root forgotten": {"denominator": lambda s, eps: s + eps},
        "rate decays from the first step": {
            "rate": lambda at: at.options["lr"] / (1 + at.step * at.options["lr_decay"]),
        },
        "rate does not decay": {"rate": lambda at: at.options["lr"]},
        "rate decays by powers": {"rate": lambda at: at.options["lr"] * (1 - at.options["lr_decay"]) ** (at.step - 1)},
        "start forgotten": {"start": lambda at: at.kept("sum")},
        "start at every step": {"start": lambda at: at.kept("sum") + at.options["initial_accumulator_value"]},
        "absolutes summed": {"total": lambda s, d: s + d.abs()},
        "squares not summed": {"total": lambda _, d: d * d},
        "squares averaged": {"total": lambda s, d: mean(s, d * d, 0.9)},
    },
    "Adadelta": {
        "eps outside the roots": {"ratio": lambda u, v, eps: (u.sqrt() + eps) / (v.sqrt() + eps)},
        "eps of the steps forgotten": {"ratio": lambda u, v, eps: (u / (v + eps)).sqrt()},
        "ratio upside down": {"ratio": lambda u, v, eps: ((v + eps) / (u + eps)).sqrt()},
        "root forgotten": {"ratio": lambda u, v, eps: (u + eps) / (v + eps)},
        "rho for its complement": {"mean_square": lambda v, d, rho: (1 - rho) * v + rho * d * d},
        "squares summed": {"mean_square": lambda v, d, rho: rho * v + d * d},
        "steps not kept": {"kept_steps": lambda u, _, __: u},
        "steps kept times the rate": {
            "kept_steps": lambda u, d, at: mean(u, (at.options["lr"] * d) ** 2, at.options["rho"]),
        },
        "gradients kept for steps": {"kept_steps": lambda u, _, at: mean(u, at.grad**2, at.options["rho"])},
        "absolute steps kept": {"kept_steps": lambda u, d, at: mean(u, d.abs(), at.options["rho"])},
        "steps summed": {"kept_steps": lambda u, d, at: at.options["rho"] * u + d * d},
    },
}
