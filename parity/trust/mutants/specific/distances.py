"""Faults of losses of each element by itself: of differences, divergences, counts and margins."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table, planted
from parity.trust.mutants.specific.losses import REDUCTION_DX, REDUCTION_OUTPUT, ratio, reduced, share, where
from parity.trust.planted import Call, Change, Mutant


def option(call: Call, name: str, default: float) -> float:
    """Return a number among the options, that of torch where it was left out."""
    value = call.option(name)
    return default if value is None else float(value)


def off(call: Call) -> Tensor:
    return call.x - call.t


def slope_of(formula: Change) -> Change:
    """Return the change of dx to what another derivative of each loss gives."""
    return lambda value, call: formula(value, call) * share(call)


def losses_of(formula: Change) -> Change:
    """Return the change of the output to other losses, reduced."""
    return lambda value, call: reduced(call, formula(value, call))


def ignored(quantity: str, name: str, plain: object) -> Change:
    """Return the change to what is computed when an option is not looked at."""
    return lambda _, call: call.again(options={name: plain})[quantity]


def of_differences(quantity: str) -> Faults:
    """Return what may be wrong with any loss of the difference of p and t."""
    if quantity == "output":
        return {
            "infinity clamped": ("infinity clamped", c.infinity_clamped),
            "sum for difference": ("sign", lambda _, call: call.again(x=-call.x)["output"]),
            "square for distance": ("wrong formula", losses_of(lambda _, call: off(call) ** 2)),
            "mean over samples alone": ("factor 1/N", where("mean", lambda v, call: v * ratio(call))),
        }
    return {
        "target minus prediction": ("sign", lambda v, _: -v),
        "derivative of the square": ("wrong formula", slope_of(lambda _, call: 2 * off(call))),
        "distance for difference": ("absolute value", lambda v, _: v.abs()),
        "mean over samples alone": ("factor 1/N", where("mean", lambda v, call: v * ratio(call))),
    }


L1_OUTPUT: Table = of_differences("output") | {
    "sign kept": ("wrong formula", losses_of(lambda _, call: off(call))),
    "rounded off at zero": ("wrong formula", losses_of(lambda _, call: (off(call) ** 2 + 1e-6).sqrt())),
}
L1_DX: Table = of_differences("dx") | {
    "halved sign": ("missing factor", lambda v, _: v / 2),
    "zero where negative": ("zero", slope_of(lambda _, call: (off(call) > 0).to(call.x))),
    "rounded off at zero": (
        "wrong formula",
        slope_of(lambda _, call: (off(call) / 1e-3).clamp(-1, 1)),
    ),
}


def beta(call: Call) -> float:
    return option(call, "beta", 1.0)


def delta(call: Call) -> float:
    return option(call, "delta", 1.0)


SMOOTH_OUTPUT: Table = of_differences("output") | {
    "beta ignored": ("option ignored", ignored("output", "beta", 1.0)),
    "beta left out of the parabola": (
        "missing factor",
        losses_of(
            lambda _, call: torch.where(
                off(call).abs() < beta(call), off(call) ** 2 / 2, off(call).abs() - beta(call) / 2
            )
        ),
    ),
    "half of beta not subtracted": (
        "missing term",
        losses_of(
            lambda _, call: torch.where(
                off(call).abs() < beta(call), off(call) ** 2 / (2 * max(beta(call), 1e-9)), off(call).abs()
            )
        ),
    ),
    "distance everywhere": ("wrong formula", losses_of(lambda _, call: off(call).abs())),
}
SMOOTH_DX: Table = of_differences("dx") | {
    "beta ignored": ("option ignored", ignored("dx", "beta", 1.0)),
    "beta left out of the gradient": (
        "missing factor",
        slope_of(
            lambda _, call: torch.where(off(call).abs() < beta(call), off(call), off(call).sign()),
        ),
    ),
    "sign everywhere": ("wrong formula", slope_of(lambda _, call: off(call).sign())),
    "parabola above alone": (
        "wrong formula",
        slope_of(lambda _, call: (off(call) / max(beta(call), 1e-9)).clamp(min=-1)),
    ),
}
HUBER_OUTPUT: Table = of_differences("output") | {
    "delta ignored": ("option ignored", ignored("output", "delta", 1.0)),
    "factor of delta missing": (
        "missing factor",
        losses_of(
            lambda _, call: torch.where(
                off(call).abs() < delta(call), off(call) ** 2 / 2, off(call).abs() - delta(call) / 2
            )
        ),
    ),
    "half missing": ("missing factor", lambda v, _: v * 2),
    "smooth distance in its place": (
        "missing factor",
        lambda v, call: v / delta(call) if delta(call) != 1 else v,
    ),
}
HUBER_DX: Table = of_differences("dx") | {
    "delta ignored": ("option ignored", ignored("dx", "delta", 1.0)),
    "slope of one beyond delta": (
        "missing factor",
        slope_of(lambda _, call: torch.where(off(call).abs() < delta(call), off(call), off(call).sign())),
    ),
    "delta above alone": ("wrong formula", slope_of(lambda _, call: off(call).clamp(max=delta(call)))),
    "zero beyond delta": ("zero", slope_of(lambda _, call: off(call) * (off(call).abs() <= delta(call)))),
}


def logs(call: Call) -> tuple[Tensor, Tensor]:
    """Return the target and its logarithm."""
    return (call.t.exp(), call.t) if call.option("log_target") else (call.t, call.t.clamp_min(1e-45).log())


def batches(v: Tensor, call: Call) -> Tensor:
    return v * (call.x.numel() / max(1, call.x.shape[0])) if call.x.numel() else v


KL_OUTPUT: Table = {
    "log_target ignored": ("option ignored", ignored("output", "log_target", False)),
    "log_target always": ("option ignored", ignored("output", "log_target", True)),
    "batchmean for mean": ("factor 1/N", where("mean", batches)),
    "mean for batchmean": (
        "factor 1/N",
        where("batchmean", lambda _, call: call.again(options={"reduction": "mean"})["output"]),
    ),
    "entropy of the target left out": ("missing term", losses_of(lambda _, call: -logs(call)[0] * call.x)),
    "prediction as a probability": (
        "missing factor",
        losses_of(lambda _, call: logs(call)[0] * (logs(call)[1] - call.x.clamp_min(1e-45).log())),
    ),
    "other way round": ("wrong order", losses_of(lambda _, call: call.x.exp() * (call.x - logs(call)[1]))),
    "logarithm of t + 1e-3": (
        "constant off",
        losses_of(lambda _, call: logs(call)[0] * ((logs(call)[0] + 1e-3).log() - call.x)),
    ),
}
KL_DX: Table = {
    "log_target ignored": ("option ignored", ignored("dx", "log_target", False)),
    "log_target always": ("option ignored", ignored("dx", "log_target", True)),
    "batchmean for mean": ("factor 1/N", where("mean", batches)),
    "mean for batchmean": (
        "factor 1/N",
        where("batchmean", lambda v, call: v * (call.x.shape[0] / call.x.numel()) if call.x.numel() else v),
    ),
    "positive": ("sign", lambda v, _: -v),
    "prediction minus target": ("extra term", slope_of(lambda _, call: call.x.exp() - logs(call)[0])),
    "target over prediction": ("extra term", slope_of(lambda _, call: -logs(call)[0] / call.x)),
    "target missing": ("missing factor", slope_of(lambda _, call: -torch.ones_like(call.x))),
}


def log_input(call: Call) -> bool:
    return call.option("log_input") is not False


def rate(call: Call) -> Tensor:
    return call.x.exp() if log_input(call) else call.x + option(call, "eps", 1e-8)


POISSON_OUTPUT: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "full ignored": ("option ignored", ignored("output", "full", False)),
    "full always": ("option ignored", ignored("output", "full", True)),
    "log_input ignored": ("option ignored", ignored("output", "log_input", True)),
    "eps ignored": ("option ignored", ignored("output", "eps", 0.0)),
    "sign of the count": ("sign", losses_of(lambda _, call: rate(call) + call.t * rate(call).log())),
    "rate left out": ("missing term", losses_of(lambda _, call: -call.t * rate(call).log())),
    "count left out": ("missing factor", losses_of(lambda _, call: rate(call) - rate(call).log())),
    "Stirling for every count": (
        "extra term",
        lambda v, call: (
            reduced(call, rate(call) - call.t * rate(call).log() + stirling(call)) if call.option("full") else v
        ),
    ),
}
POISSON_DX: Table = {
    "infinity clamped": ("infinity clamped", c.infinity_clamped),
    "log_input ignored": ("option ignored", ignored("dx", "log_input", True)),
    "eps ignored": ("option ignored", ignored("dx", "eps", 0.0)),
    "count left out": ("missing term", slope_of(lambda _, call: call.x.exp() if log_input(call) else call.x * 0 + 1)),
    "sign of the count": (
        "sign",
        slope_of(lambda _, call: rate(call) + call.t if log_input(call) else 1 + call.t / rate(call)),
    ),
    "derivative by the rate": (
        "missing factor",
        lambda v, call: (1 - call.t / rate(call)) * share(call) if log_input(call) else v,
    ),
    "rate left out": ("missing term", slope_of(lambda _, call: -call.t if log_input(call) else -call.t / rate(call))),
    "logarithm of the rate": ("wrong formula", slope_of(lambda _, call: rate(call) - call.t)),
}


def stirling(call: Call) -> Tensor:
    t = call.t.clamp_min(0.1)
    return t * t.log() - t + 0.5 * (2 * torch.pi * t).log()


def margin(call: Call) -> float:
    return option(call, "margin", 1.0)


HINGE_OUTPUT: Table = {
    "margin ignored": ("option ignored", ignored("output", "margin", 1.0)),
    "margin of zero": ("option ignored", ignored("output", "margin", 0.0)),
    "not held at zero": (
        "wrong formula",
        losses_of(lambda _, call: torch.where(call.t == 1, call.x, margin(call) - call.x)),
    ),
    "alike held at zero": (
        "wrong formula",
        losses_of(lambda _, call: (call.x * call.t + margin(call) * (call.t < 0)).clamp_min(0)),
    ),
    "signs exchanged": (
        "sign",
        losses_of(lambda _, call: torch.where(call.t == -1, call.x, (margin(call) - call.x).clamp_min(0))),
    ),
    "hinge of a classifier": (
        "wrong formula",
        losses_of(lambda _, call: (margin(call) - call.t * call.x).clamp_min(0)),
    ),
    "squared": (
        "wrong formula",
        losses_of(lambda _, call: torch.where(call.t == 1, call.x**2, (margin(call) - call.x).clamp_min(0) ** 2)),
    ),
}
HINGE_DX: Table = {
    "margin ignored": ("option ignored", ignored("dx", "margin", 1.0)),
    "margin of zero": ("option ignored", ignored("dx", "margin", 0.0)),
    "not zero beyond the margin": ("wrong formula", slope_of(lambda _, call: call.t.to(call.x))),
    "alike held at zero": ("wrong formula", lambda v, call: v * ((call.t == -1) | (call.x > 0))),
    "signs exchanged": ("sign", lambda v, _: -v),
    "sign of the target ignored": ("absolute value", lambda v, call: torch.where(call.t == -1, -v, v)),
    "zero for what is alike": ("zero", lambda v, call: v * (call.t == -1)),
    "zero for what is not alike": ("zero", lambda v, call: v * (call.t == 1)),
}

TABLES: dict[str, tuple[Table, Table]] = {
    "L1Loss": (L1_OUTPUT, L1_DX),
    "SmoothL1Loss": (SMOOTH_OUTPUT, SMOOTH_DX),
    "HuberLoss": (HUBER_OUTPUT, HUBER_DX),
    "KLDivLoss": (KL_OUTPUT, KL_DX),
    "PoissonNLLLoss": (POISSON_OUTPUT, POISSON_DX),
    "HingeEmbeddingLoss": (HINGE_OUTPUT, HINGE_DX),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of these losses."""
    for module, (output, dx) in TABLES.items():
        for quantity, tables in {"output": (REDUCTION_OUTPUT, output), "dx": (REDUCTION_DX, dx)}.items():
            for table in tables:
                yield from planted(module, quantity, table)
