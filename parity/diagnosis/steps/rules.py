"""Every optimiser written out for one tensor in float64, with what may be wrong in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

State = dict[str, Any]
Options = Mapping[str, Any]


@dataclass(frozen=True)
class WrongStep:
    """What is wrong; nothing, unless it is said.

    options    that have other values than those asked for
    descent    the sign of the gradient
    decay      how a decay of the weights counts: "gradient", "decoupled", "unrated" (decoupled, without the learning
               rate), "after" (decoupled, of the parameter that has stepped); "" as it should
    share      what a new value of a mean counts: "all" in place of 1 - beta; what a gradient counts in a velocity:
               1 - momentum, "dampened" from the first step on, "averaged" from the second; "first": the dampening
               counts in the first step too; "momentum": what the old velocity counts; "" as it should
    old        what an old value counts: "swapped" with the new; "" as it should
    squares    what the second moment is of: "squares", "absolutes"
    late       steps by which the corrections are late
    corrected  which moments are corrected: 1, 2
    exchanged  whether each is corrected by the other's beta
    power      whether a correction has the power of the step
    eps        where it is added: "beside" the root, "inside", "before" the correction, "nowhere"; "unrooted" beside a
               root that is taken before the correction
    root       whether it is taken
    ahead      what Nesterov's step takes: "both" gradient and velocity, "velocity", "nothing" of it; "undecayed" takes
               the gradient without the decay of the weights
    velocity   what is added to it: "" as it should, "rated" (times the learning rate), "late" (after the step)
    aliased    what a velocity that is the memory of the gradient is before it moves on: "grad" that stands in it by
               then, always, "both" where it is moved on in place; "first" and "cleared" at the second step alone
    counted    the number of parameters, and the place among them, where the steps are counted once for each
    kept       what Adadelta keeps: "step", "rated" step, "gradient"
    total      whether Adagrad adds up
    """

    options: Options = field(default_factory=dict)
    descent: float = 1.0
    decay: str = ""
    share: tuple[str, str] = ("", "")
    old: str = ""
    squares: str = "squares"
    late: int = 0
    corrected: tuple[int, ...] = (1, 2)
    exchanged: bool = False
    power: bool = True
    eps: str = ""
    root: bool = True
    ahead: str = "both"
    velocity: str = ""
    aliased: str = ""
    counted: tuple[int, int] = (1, 0)
    kept: str = "step"
    total: bool = True

    def beside_another(self, other: "WrongStep") -> "WrongStep":
        """Return what is wrong where this is, and another."""
        plain = WrongStep()
        fields = {name: value for name, value in vars(other).items() if value != getattr(plain, name)}
        if "options" in fields:
            fields["options"] = {**self.options, **other.options}
        return replace(self, **fields)

    def mean(self, before: Any, new: Tensor, beta: float, of: int = 1) -> Tensor:
        """Return a running mean: the first moment, or the second, of a new value."""
        one, other = (1 - beta, beta) if self.old == "swapped" else (beta, 1 - beta)
        mean: Tensor = one * before + (1.0 if self.share[of - 1] == "all" else other) * new
        return mean

    def square(self, grad: Tensor) -> Tensor:
        return grad.abs() if self.squares == "absolutes" else grad.square()

    def divisor(self, square: Tensor, eps: float, at: str = "beside") -> Tensor:
        """Return the root of a second moment, with eps."""
        place = self.eps or at
        inside = square + eps if place == "inside" else square
        return (inside.sqrt() if self.root else inside) + (eps if place == "beside" else 0.0)

    def correction(self, beta: float, step: int, of: int) -> float:
        """Return what a moment is divided by, as it began at 0."""
        if of not in self.corrected:
            return 1.0
        often, place = self.counted
        return 1 - beta ** ((step - 1) * often + place + 1 + self.late if self.power else 1)


Step = Callable[[Tensor, State, Options, WrongStep], Tensor]  # what is taken off for a gradient, without the rate


def sgd(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    m, before, dampened = o["momentum"], state.get("v"), wrong.share[0]
    if not m:
        return grad
    if before is not None and (wrong.aliased in ("grad", "both") or o["step"] == 2):
        before = {"": before, "cleared": torch.zeros_like(grad), "both": 2 * grad - grad / m}.get(wrong.aliased, grad)
    if before is None:
        new: Tensor = {"dampened": 1 - m, "first": 1 - o["dampening"], "momentum": m}.get(dampened, 1.0) * grad
    else:
        counts = {"dampened": 1 - m, "averaged": 1 - m, "momentum": m}
        new = m * before + counts.get(dampened, 1 - o["dampening"]) * grad
    shown = state.get("v", torch.zeros_like(grad)) if wrong.velocity == "late" else new
    state["v"] = new
    if not o["nesterov"] or wrong.ahead == "nothing":
        return shown
    taken = {"velocity": torch.zeros_like(grad), "undecayed": o["undecayed"]}
    ahead: Tensor = taken.get(wrong.ahead, grad) + m * shown
    return ahead


def adam(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    one, two = o["betas"]
    state["m"] = wrong.mean(state.get("m", 0.0), grad, one)
    state["v"] = wrong.mean(state.get("v", 0.0), wrong.square(grad), two, 2)
    square = state["v"]
    if o.get("amsgrad"):
        square = state["most"] = torch.maximum(state.get("most", torch.zeros_like(grad)), square)
    of_one, of_two = (two, one) if wrong.exchanged else (one, two)
    by_one, by_two = wrong.correction(of_one, o["step"], 1), wrong.correction(of_two, o["step"], 2)
    if wrong.eps == "unrooted":
        unrooted: Tensor = state["m"] / by_one / (square.sqrt() / by_two + o["eps"])
        return unrooted
    if wrong.eps == "before":
        quick: Tensor = state["m"] / by_one * by_two**0.5 / (square.sqrt() + o["eps"])
        return quick
    moved: Tensor = state["m"] / by_one / wrong.divisor(square / by_two, o["eps"])
    return moved


def nadam(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    (one, two), step, product = o["betas"], o["step"], state.get("product", 1.0)
    now, after = (one * (1 - 0.5 * 0.96 ** (at * o["momentum_decay"])) for at in (step, step + 1))
    state["m"] = wrong.mean(state.get("m", 0.0), grad, one)
    state["v"] = wrong.mean(state.get("v", 0.0), wrong.square(grad), two, 2)
    state["product"] = product = product * now if wrong.power else now
    whole, further = (1 - product, 1 - product * after) if 1 in wrong.corrected else (1.0, 1.0)
    ahead = after * state["m"] / further + (1 - now) / whole * grad
    of_squares = replace(wrong, power=True).correction(two, step, 2)
    moment = {"velocity": after * state["m"] / further, "nothing": state["m"] / whole}.get(wrong.ahead, ahead)
    moved: Tensor = moment / wrong.divisor(state["v"] / of_squares, o["eps"])
    return moved


def rmsprop(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    state["s"] = wrong.mean(state.get("s", 0.0), wrong.square(grad), o["alpha"], 2)
    square = state["s"]
    if o["centered"]:
        state["g"] = wrong.mean(state.get("g", 0.0), grad, o["alpha"])
        square = square - state["g"].square()
    moved: Tensor = grad / wrong.divisor(square, o["eps"])
    if o["momentum"]:
        state["v"] = o["momentum"] * state.get("v", torch.zeros_like(grad)) + moved
        velocity: Tensor = state["v"]
        return velocity
    return moved


def adagrad(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    square = wrong.square(grad)
    before: Any = state.get("s", o["initial_accumulator_value"])
    state["s"] = before + square if wrong.total else square
    slowed = 1 + (o["step"] - 1 + wrong.late) * o["lr_decay"]
    moved: Tensor = grad / wrong.divisor(state["s"], o["eps"]) / slowed
    return moved


def adadelta(grad: Tensor, state: State, o: Options, wrong: WrongStep) -> Tensor:
    state["s"] = wrong.mean(state.get("s", 0.0), wrong.square(grad), o["rho"], 2)
    before: Tensor = state.get("d", torch.zeros_like(grad))
    moved = wrong.divisor(before, o["eps"], "inside") / wrong.divisor(state["s"], o["eps"], "inside") * grad
    kept = {"step": moved, "rated": o["lr"] * moved, "gradient": grad}[wrong.kept]
    state["d"] = wrong.mean(before, kept.square(), o["rho"])
    return moved


RULES: Mapping[str, Step] = {
    "SGD": sgd,
    "Adam": adam,
    "AdamW": adam,
    "NAdam": nadam,
    "RMSprop": rmsprop,
    "Adagrad": adagrad,
    "Adadelta": adadelta,
}


def walked(
    rule: Step, value: Tensor, gradients: Sequence[Tensor], rates: Sequence[float], options: Options, wrong: WrongStep
) -> Tensor:
    """Return a parameter after every step, float64, steps along the first axis.

    gradients  of each step
    rates      what the learning rate is multiplied by in each
    options    of torch.optim, every one
    """
    value, state, found = value.double(), State(), []
    for number, (grad, factor) in enumerate(zip(gradients, rates, strict=True)):
        o = {**options, **wrong.options, "step": number + 1}
        rate = o["lr"] = o["lr"] * factor
        grad, decay = (-1.0 if o["maximize"] else 1.0) * wrong.descent * grad.double(), o.get("weight_decay", 0.0)
        o["undecayed"] = grad
        how = wrong.decay or ("decoupled" if o.get("decoupled_weight_decay") else "gradient")
        if how == "gradient":
            grad = grad + decay * value
        if how in ("decoupled", "unrated"):
            value = value - (rate if how == "decoupled" else 1.0) * decay * value
        if wrong.velocity == "rated":  # the velocity holds the rate of the step that made it
            value = value - rule(rate * grad, state, o, wrong)
        else:
            value = value - rate * rule(grad, state, o, wrong)
        if how == "after":
            value = value - rate * decay * value
        found.append(value)
    return torch.stack(found)
