"""Faults of losses of several inputs: each a wrong formula, whose values and derivatives are both planted."""

from collections.abc import Callable, Iterator, Mapping
from math import log, pi

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.mutants.specific.distances import ignored, option
from parity.trust.mutants.specific.losses import REDUCTION_OUTPUT, reduced, share, values, where
from parity.trust.planted import Call, Change, Mutant

Formula = Callable[..., Tensor]  # of a call and its inputs: the losses before reduction
Formulas = Mapping[str, tuple[str, Formula]]  # name of the fault: its cause and the wrong formula


def losses(formula: Formula) -> Change:
    """Return the change of the output to what another formula gives."""
    return lambda _, call: reduced(call, formula(call, *call.given))


def derivative(formula: Formula, at: int) -> Change:
    """Return the change of a gradient to that of another formula by its input `at`."""

    def change(_: Tensor, call: Call) -> Tensor:
        with torch.enable_grad():
            leaves = [x.detach().clone() for x in call.given]
            each = formula(call, *leaves[:at], leaves[at].requires_grad_(), *leaves[at + 1 :])
            gradient: Tensor
            (gradient,) = torch.autograd.grad(each, leaves[at], share(call), materialize_grads=True)
        return gradient

    return change


def margin(call: Call) -> float:
    return option(call, "margin", 1.0 if call.site.module == "TripletMarginLoss" else 0.0)


def hinge(call: Call, lacks: Tensor) -> Tensor:
    return (lacks + margin(call)).clamp_min(0)


def behind(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return t * (b - a)


RANKING: Formulas = {
    "margin subtracted": ("sign", lambda call, a, b, t: (behind(a, b, t) - margin(call)).clamp_min(0)),
    "sign of the target ignored": ("missing factor", lambda call, a, b, _: hinge(call, b - a)),
    "hinge open on the other side": (
        "wrong formula",
        lambda call, a, b, t: (behind(a, b, t) + margin(call)).clamp_max(0),
    ),
    "not held at zero": ("wrong formula", lambda call, a, b, t: behind(a, b, t) + margin(call)),
    "inputs exchanged": ("wrong order", lambda call, a, b, t: hinge(call, behind(b, a, t))),
    "squared": ("wrong formula", lambda call, a, b, t: hinge(call, behind(a, b, t)) ** 2),
    "sum for difference": ("sign", lambda call, a, b, t: hinge(call, -t * (a + b))),
    "distance for difference": ("absolute value", lambda call, a, b, t: hinge(call, -t * (a - b).abs())),
    "second input missing": ("missing term", lambda call, a, b, t: hinge(call, behind(a, 0 * b, t))),
}


def cosine(a: Tensor, b: Tensor, eps: float = 1e-12) -> Tensor:
    squares = ((x * x).sum(-1) + eps for x in (a, b))
    return (a * b).sum(-1) / (next(squares) * next(squares)).sqrt()


def angular(call: Call, c: Tensor, t: Tensor) -> Tensor:
    return torch.where(t == 1, 1 - c, (c - margin(call)).clamp_min(0))


COSINE: Formulas = {
    "margin added": ("sign", lambda call, a, b, t: torch.where(t == 1, 1 - cosine(a, b), hinge(call, cosine(a, b)))),
    "sign of the target ignored": ("missing factor", lambda _, a, b, _t: 1 - cosine(a, b)),
    "signs exchanged": ("sign", lambda call, a, b, t: angular(call, cosine(a, b), -t)),
    "hinge open on the other side": (
        "wrong formula",
        lambda call, a, b, t: torch.where(t == 1, 1 - cosine(a, b), (cosine(a, b) - margin(call)).clamp_max(0)),
    ),
    "not held at zero": (
        "wrong formula",
        lambda call, a, b, t: torch.where(t == 1, 1 - cosine(a, b), cosine(a, b) - margin(call)),
    ),
    "eps of 1e-6": ("constant off", lambda call, a, b, t: angular(call, cosine(a, b, 1e-6), t)),
    "eps beside the lengths": (
        "constant off",
        lambda call, a, b, t: angular(call, (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1) + 1e-6), t),
    ),
    "product for cosine": ("missing factor", lambda call, a, b, t: angular(call, (a * b).sum(-1), t)),
    "length of the first missing": (
        "missing factor",
        lambda call, a, b, t: angular(call, cosine(a, b) * (a * a).sum(-1).sqrt(), t),
    ),
    "absolute cosine": ("absolute value", lambda call, a, b, t: angular(call, cosine(a, b).abs(), t)),
    "mean over features": ("factor 1/N", lambda call, a, b, t: angular(call, cosine(a, b) / a.shape[-1], t)),
}


def held(call: Call, a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Return the losses with lengths that are not differentiated."""
    lengths = (cosine(a, b) / (a * b).sum(-1)).detach()
    return angular(call, (a * b).sum(-1) * lengths, t)


def norm(call: Call, u: Tensor, p: float | None = None) -> Tensor:
    n: Tensor = torch.linalg.vector_norm(u, option(call, "p", 2.0) if p is None else p, -1)
    return n


def eps(call: Call) -> float:
    return option(call, "eps", 1e-6)


def distance(call: Call, one: Tensor, other: Tensor) -> Tensor:
    return norm(call, one - other + eps(call))


def triplet(call: Call, near: Tensor, far: Tensor, across: Tensor) -> Tensor:
    return hinge(call, near - (torch.minimum(far, across) if call.option("swap") else far))


def of_distances(change: Callable[[Call, Tensor, Tensor], Tensor]) -> Formula:
    """Return the losses of another distance of two of the inputs."""
    return lambda call, a, p, n: triplet(call, change(call, a, p), change(call, a, n), change(call, p, n))


def all_three(call: Call, a: Tensor, p: Tensor, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return distance(call, a, p), distance(call, a, n), distance(call, p, n)


def gap(call: Call, a: Tensor, p: Tensor, n: Tensor) -> Tensor:
    """Return the losses before they are held at zero."""
    near, far, across = all_three(call, a, p, n)
    return near + margin(call) - (torch.minimum(far, across) if call.option("swap") else far)


TRIPLET: Formulas = {
    "margin subtracted": ("sign", lambda call, a, p, n: (gap(call, a, p, n) - 2 * margin(call)).clamp_min(0)),
    "hinge open on the other side": ("wrong formula", lambda call, a, p, n: gap(call, a, p, n).clamp_max(0)),
    "not held at zero": ("wrong formula", lambda call, a, p, n: gap(call, a, p, n)),
    "positive and negative exchanged": ("wrong order", lambda call, a, p, n: gap(call, a, n, p).clamp_min(0)),
    "p of 2 always": ("option ignored", of_distances(lambda call, x, y: norm(call, x - y + eps(call), 2.0))),
    "p of 1 always": ("option ignored", of_distances(lambda call, x, y: norm(call, x - y + eps(call), 1.0))),
    "squared distances": ("wrong formula", of_distances(lambda call, x, y: distance(call, x, y) ** 2)),
    "eps subtracted": ("sign", of_distances(lambda call, x, y: norm(call, x - y - eps(call)))),
    "eps of the distance": (
        "wrong formula",
        of_distances(lambda call, x, y: (norm(call, x - y) + eps(call)).clamp_min(eps(call))),
    ),
    "sum for difference": ("sign", of_distances(lambda call, x, y: norm(call, x + y + eps(call)))),
    "mean over features": ("factor 1/N", of_distances(lambda call, x, y: distance(call, x, y) / x.shape[-1])),
    "swap ignored": ("option ignored", lambda call, a, p, n: hinge(call, distance(call, a, p) - distance(call, a, n))),
    "swap always": (
        "option ignored",
        lambda call, a, p, n: hinge(call, distance(call, a, p) - torch.minimum(*all_three(call, a, p, n)[1:])),
    ),
    "larger of two in a swap": (
        "wrong formula",
        lambda call, a, p, n: (
            hinge(call, distance(call, a, p) - torch.maximum(*all_three(call, a, p, n)[1:]))
            if call.option("swap")
            else gap(call, a, p, n).clamp_min(0)
        ),
    ),
}


def without_norm(call: Call, x: Tensor, y: Tensor) -> Tensor:
    """Return a distance whose derivative is that of half its square."""
    u = x - y + eps(call)
    return distance(call, x, y).detach() + ((u * u).sum(-1) - (u * u).sum(-1).detach()) / 2


def gaussian(factor: float, x: Tensor, t: Tensor, v: Tensor) -> Tensor:
    """Return the losses for variances that need no bound, without the constant, the logarithm times a factor."""
    v = v if v.dim() == x.dim() else v.unsqueeze(-1)
    return (factor * v.log() + (x - t) ** 2 / v) / 2


def bounded(change: Callable[..., Tensor]) -> Formula:
    """Return a formula of variances held at eps or above, as if they were not held when they are differentiated."""

    def formula(call: Call, x: Tensor, t: Tensor, v: Tensor) -> Tensor:
        return change(x, t, v + (v.clamp_min(eps(call)) - v).detach()) + constant(call)

    return formula


def constant(call: Call) -> float:
    return log(2 * pi) / 2 if call.option("full") else 0.0


GAUSSIAN: Formulas = {
    "logarithm missing": ("missing term", bounded(lambda x, t, v: gaussian(0.0, x, t, v))),
    "half of the logarithm missing": ("missing factor", bounded(lambda x, t, v: gaussian(2.0, x, t, v))),
    "half missing": ("missing factor", bounded(lambda x, t, v: 2 * gaussian(1.0, x, t, v))),
    "variance for deviation": ("wrong formula", bounded(lambda x, t, v: gaussian(1.0, x, t, v * v))),
    "deviation for variance": ("wrong formula", bounded(lambda x, t, v: gaussian(1.0, x, t, v.sqrt()))),
    "sum for difference": ("sign", bounded(lambda x, t, v: gaussian(1.0, x, -t, v))),
    "mean over features": ("factor 1/N", bounded(lambda x, t, v: gaussian(1.0, x, t, v) / x.shape[-1])),
    "eps added": ("constant off", lambda call, x, t, v: gaussian(1.0, x, t, v + eps(call)) + constant(call)),
    "eps not a bound": ("option ignored", lambda call, x, t, v: gaussian(1.0, x, t, v) + constant(call)),
    "full always": ("option ignored", bounded(lambda x, t, v: gaussian(1.0, x, t, v) + log(2 * pi) / 2)),
    "bound differentiated": (
        "zero",
        lambda call, x, t, v: gaussian(1.0, x, t, v.clamp_min(eps(call))) + constant(call),
    ),
}
FORMULAS: Mapping[str, Formulas] = {
    "MarginRankingLoss": RANKING,
    "CosineEmbeddingLoss": {**COSINE, "derivative of the lengths missing": ("missing term", held)},
    "TripletMarginLoss": {**TRIPLET, "derivative of the root missing": ("missing factor", of_distances(without_norm))},
    "GaussianNLLLoss": GAUSSIAN,
}
# The quantities that a wrong formula leaves right.
RIGHT: Mapping[str, tuple[str, ...]] = {
    "derivative of the lengths missing": ("output",),
    "derivative of the root missing": ("output",),
    "logarithm missing": ("dinput", "dtarget"),
    "half of the logarithm missing": ("dinput", "dtarget"),
    "full always": ("dinput", "dtarget", "dvar"),
    "bound differentiated": ("output", "dinput", "dtarget"),
}
# Options that a loss may not look at, each with the value that it then takes.
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "MarginRankingLoss": {"margin": 0.0},
    "CosineEmbeddingLoss": {"margin": 0.0},
    "TripletMarginLoss": {"margin": 1.0, "eps": 0.0},
    "GaussianNLLLoss": {"full": False, "eps": 0.0},
}


def of_gradient(quantity: str) -> Table:
    """Return what may be wrong with a gradient of what is reduced."""
    return {
        "mean for sum": ("mean for sum", where("sum", lambda v, call: v / max(1, values(call).numel()))),
        "sum for mean": ("sum for mean", where("mean", lambda v, call: v * values(call).numel())),
        "mean over the numbers of two inputs": (
            "factor 1/N",
            where("mean", lambda v, call: v * values(call).numel() / max(1, 2 * call.x.numel())),
        ),
        "dy squared": ("extra term", lambda _, call: call.again(dy=call.cotangent**2)[quantity]),
    }


def mutants() -> Iterator[Mutant]:
    """Yield every fault of these losses."""
    for module, formulas in FORMULAS.items():
        unseen = {
            f"{name} ignored": ("option ignored", ignored("output", name, plain))
            for name, plain in OPTIONS[module].items()
        }
        yield from planted(module, "output", {**REDUCTION_OUTPUT, **unseen})
        gradients = [
            (at, f"d{entry.name}") for at, entry in enumerate(pages()[module].signature.inputs) if entry.gradient
        ]
        for at, quantity in [(-1, "output"), *gradients]:
            wrong = {name: entry for name, entry in formulas.items() if quantity not in RIGHT.get(name, ())}
            table = {
                name: (cause, losses(formula) if at < 0 else derivative(formula, at))
                for name, (cause, formula) in wrong.items()
            }
            yield from planted(module, quantity, table)
            yield from planted(module, quantity, of_gradient(quantity) if at >= 0 else {})
