"""Every optimiser written out for one tensor, in another order of operations than torch's or the framework's.

A rule is a step made of parts; a fault replaces some of them (own_faults.py), or changes what goes in and out of the
step (any_faults.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

Options = Mapping[str, Any]
Parts = dict[str, Callable[..., Any]]


@dataclass(frozen=True)
class At:
    """Where a step is taken: one parameter at one step.

    grad      the live buffer; only a fault writes to it
    state     what is kept of the parameter; names that begin with _ are not shown
    step      from 1
    position  of the parameter among all; of how many in `count`
    first     options of the first group, with the learning rate of the first step
    """

    value: Tensor
    grad: Tensor
    state: dict[str, Any]
    options: dict[str, Any]
    step: int
    position: int
    count: int
    first: Options

    def but(self, **options: Any) -> "At":
        """Return the same with other options."""
        return replace(self, options={**self.options, **options})

    def kept(self, name: str, start: float = 0.0) -> Tensor:
        value: Tensor = self.state.get(name, torch.full_like(self.value, start))
        return value


Step = Callable[[At], Tensor]  # -> the new value


@dataclass(frozen=True)
class OptimiserRule:
    """A step of parts; `changed` returns it with other ones."""

    made: Callable[[SimpleNamespace, At], Any]
    parts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def changed(self, **parts: Callable[..., Any]) -> "OptimiserRule":
        unknown = parts.keys() - self.parts.keys()
        if unknown:
            raise KeyError(f"a rule has no part {', '.join(unknown)}")
        return replace(self, parts={**self.parts, **parts})

    def __call__(self, at: At) -> Tensor:
        new: Tensor = self.made(SimpleNamespace(**self.parts), at)
        return new


def descent(at: At) -> Tensor:
    grad = -at.grad if at.options.get("maximize") else at.grad.clone()
    decay = 0.0 if at.options.get("decoupled_weight_decay") else at.options.get("weight_decay", 0.0)
    return grad + decay * at.value


def shrunk(at: At) -> Tensor:
    decoupled = at.options.get("decoupled_weight_decay")
    return at.value - at.options["lr"] * at.options.get("weight_decay", 0.0) * at.value if decoupled else at.value


def mean(before: Tensor, new: Tensor, share: float) -> Tensor:
    return share * before + (1 - share) * new


def mean_square(before: Tensor, new: Tensor, share: float) -> Tensor:
    return share * before + (1 - share) * (new * new)


def denominator(square: Tensor, eps: float) -> Tensor:
    return square.sqrt() + eps


def velocity(before: Tensor | None, new: Tensor, at: At) -> Tensor:
    return new if before is None else at.options["momentum"] * before + (1 - at.options.get("dampening", 0.0)) * new


def ahead(new: Tensor, velocity: Tensor, at: At) -> Tensor:
    return new + at.options["momentum"] * velocity if at.options.get("nesterov") else velocity


def sgd(f: SimpleNamespace, at: At) -> Any:
    new = f.descent(at)
    if at.options.get("momentum"):
        at.state["momentum_buffer"] = f.velocity(at.state.get("momentum_buffer"), new, at)
        new = f.ahead(new, at.state["momentum_buffer"], at)
    return at.value - at.options["lr"] * new


def corrections(betas: tuple[float, float], step: int) -> tuple[float, float]:
    return 1 - betas[0] ** step, 1 - betas[1] ** step


def largest(square: Tensor, at: At) -> Tensor:
    if not at.options.get("amsgrad"):
        return square
    at.state["max_exp_avg_sq"] = torch.maximum(at.kept("max_exp_avg_sq"), square)
    return at.kept("max_exp_avg_sq")


def divided(first: Tensor, second: Tensor, one: float, two: float, at: At) -> Tensor:
    step: Tensor = (first / one) / ((second / two).sqrt() + at.options["eps"])
    return step


def moments(f: SimpleNamespace, at: At, new: Tensor) -> tuple[Tensor, Tensor]:
    betas = at.options.get("betas", (0.9, 0.999))
    at.state["exp_avg"] = f.mean(at.kept("exp_avg"), new, betas[0])
    at.state["exp_avg_sq"] = f.mean_square(at.kept("exp_avg_sq"), new, betas[1])
    return at.state["exp_avg"], at.state["exp_avg_sq"]


def adam(f: SimpleNamespace, at: At) -> Any:
    first, second = f.moments(f, at, f.descent(at))
    one, two = f.corrections(at.options["betas"], at.step)
    step: Tensor = f.divided(first, f.largest(second, at), one, two, at)
    return f.shrunk(at) - at.options["lr"] * step


def mu(at: At, step: int) -> float:
    return float(at.options["betas"][0] * (1 - 0.5 * 0.96 ** (step * at.options["momentum_decay"])))


def look_ahead(first: Tensor, new: Tensor, mus: tuple[float, float], product: float) -> Tensor:
    return mus[1] * first / (1 - product * mus[1]) + (1 - mus[0]) * new / (1 - product)


def nadam(f: SimpleNamespace, at: At) -> Any:
    new = f.descent(at)
    first, second = f.moments(f, at, new)
    mus = f.mu(at, at.step), f.mu(at, at.step + 1)
    at.state["mu_product"] = f.product(at.state.get("mu_product", 1.0), mus[0])
    _, two = f.corrections(at.options["betas"], at.step)
    step: Tensor = f.divided(f.look_ahead(first, new, mus, at.state["mu_product"]), second, 1.0, two, at)
    return f.shrunk(at) - at.options["lr"] * step


def centred(square: Tensor, average: Tensor) -> Tensor:
    return square - average * average


def rmsprop(f: SimpleNamespace, at: At) -> Any:
    new, o = f.descent(at), at.options
    at.state["square_avg"] = f.mean_square(at.kept("square_avg"), new, o["alpha"])
    square = at.state["square_avg"]
    if o["centered"]:
        at.state["grad_avg"] = f.mean(at.kept("grad_avg"), new, o["alpha"])
        square = f.centred(square, at.state["grad_avg"])
    step = new / f.denominator(square, o["eps"])
    if o["momentum"]:
        at.state["momentum_buffer"] = f.velocity(at.kept("momentum_buffer"), step, at)
        step = f.ahead(step, at.state["momentum_buffer"], at)
    return at.value - o["lr"] * step


def rate(at: At) -> float:
    return float(at.options["lr"] / (1 + (at.step - 1) * at.options["lr_decay"]))


def total(before: Tensor, new: Tensor) -> Tensor:
    return before + new * new


def adagrad(f: SimpleNamespace, at: At) -> Any:
    new = f.descent(at)
    at.state["sum"] = f.total(f.start(at), new)
    return at.value - f.rate(at) * (new / f.denominator(at.state["sum"], at.options["eps"]))


def ratio(steps: Tensor, square: Tensor, eps: float) -> Tensor:
    return ((steps + eps) / (square + eps)).sqrt()


def adadelta(f: SimpleNamespace, at: At) -> Any:
    new, o = f.descent(at), at.options
    at.state["square_avg"] = f.mean_square(at.kept("square_avg"), new, o["rho"])
    step = f.ratio(at.kept("acc_delta"), at.state["square_avg"], o["eps"]) * new
    at.state["acc_delta"] = f.kept_steps(at.kept("acc_delta"), step, at)
    return at.value - o["lr"] * step


MOMENTS: Parts = {
    "descent": descent,
    "shrunk": shrunk,
    "moments": moments,
    "mean": mean,
    "mean_square": mean_square,
    "corrections": corrections,
    "divided": divided,
}
RULES: Mapping[str, OptimiserRule] = {
    "SGD": OptimiserRule(sgd, {"descent": descent, "velocity": velocity, "ahead": ahead}),
    "Adam": OptimiserRule(adam, {**MOMENTS, "largest": largest}),
    "AdamW": OptimiserRule(adam, {**MOMENTS, "largest": largest}),
    "NAdam": OptimiserRule(
        nadam, {**MOMENTS, "mu": mu, "look_ahead": look_ahead, "product": lambda before, mu: before * mu}
    ),
    "RMSprop": OptimiserRule(
        rmsprop,
        {
            "descent": descent,
            "mean": mean,
            "mean_square": mean_square,
            "centred": centred,
            "denominator": denominator,
            "velocity": velocity,
            "ahead": ahead,
        },
    ),
    "Adagrad": OptimiserRule(
        adagrad,
        {
            "descent": descent,
            "start": lambda at: at.kept("sum", at.options["initial_accumulator_value"]),
            "total": total,
            "rate": rate,
            "denominator": denominator,
        },
    ),
    "Adadelta": OptimiserRule(
        adadelta,
        {
            "descent": descent,
            "mean_square": mean_square,
            "ratio": ratio,
            "kept_steps": lambda before, step, at: mean_square(before, step, at.options["rho"]),
        },
    ),
}
