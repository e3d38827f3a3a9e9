"""Faults of batch normalisation: those of any other, where it reads the batch, and those of what it keeps."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Table, planted
from parity.trust.mutants.specific import normalisations as of_any
from parity.trust.planted import Call, Change, Mutant


def in_training(change: Change) -> Change:
    """Return the change that is made where statistics are those of the batch."""

    def changed_there(value: Tensor, call: Call) -> Tensor:
        tracked = call.option("track_running_stats") is not False
        return change(value, call) if call.site.training or not tracked else value

    return changed_there


def in_evaluation(change: Change) -> Change:
    return lambda value, call: value if call.site.training else change(value, call)


def as_in_training(quantity: str) -> Change:
    """Return the change to what training gives, where it has the numbers."""
    return in_evaluation(lambda v, call: call.again(mode=True)[quantity] if call.x.numel() > call.x.shape[1] else v)


def momentum(call: Call) -> float:
    share = call.option("momentum")
    return 0.1 if share is None else share


def moved(quantity: str, share: Callable[[float], float], scale: Callable[[int], float] = lambda _: 1.0) -> Change:
    """Return the change to a running statistic that moves by another share, towards another value."""

    def change(value: Tensor, call: Call) -> Tensor:
        if not call.site.training or not call.x.numel():
            return value
        met = of_any.blocked(call.x.double(), call)
        batch = met.mean(1) if quantity == "running_mean" else met.var(1) * scale(met.shape[1])
        return torch.lerp(call.kept[quantity].double(), batch, share(momentum(call))).to(value.dtype)

    return change


def running(quantity: str) -> Table:
    """Return what may be wrong with a running statistic."""
    return {
        "never moves": ("missing term", lambda _, call: call.kept[quantity].clone()),
        "momentum turned round": ("wrong formula", moved(quantity, lambda share: 1 - share)),
        "that of the last batch": ("stale", moved(quantity, lambda _: 1.0)),
        "momentum always 0.1": ("option ignored", moved(quantity, lambda _: 0.1)),
        "moves in evaluation": (
            "extra term",
            in_evaluation(
                lambda v, call: torch.lerp(v, of_any.blocked(call.x, call).mean(1), 0.1) if call.x.numel() else v
            ),
        ),
    }


VARIANCE: Table = {
    "with bias": ("factor 1/N", moved("running_var", lambda share: share, lambda count: (count - 1) / count)),
    "moves by the deviation": ("wrong formula", lambda v, call: torch.lerp(call.kept["running_var"], v.sqrt(), 0.5)),
}


def of_batches(module: str) -> Iterator[Mutant]:
    """Yield the faults of a batch normalisation."""
    shared = {
        "output": {**of_any.OUTPUT, **of_any.BIAS},
        "dx": {**of_any.DX, **of_any.DX_OF_MEAN},
        "dweight": of_any.DWEIGHT,
        "dbias": of_any.DBIAS,
    }
    for quantity, table in shared.items():
        own = {**of_any.statistics(quantity), **of_any.of_mean(quantity)} if quantity != "dbias" else {}
        for name, (cause, change) in {**own, **table}.items():
            yield from planted(module, quantity, {name: (cause, in_training(change))})
    for quantity in ("output", "dx"):
        yield from planted(module, quantity, {"as in training": ("option ignored", as_in_training(quantity))})
    for quantity in ("running_mean", "running_var"):
        yield from planted(module, quantity, running(quantity))
    yield from planted(module, "running_var", VARIANCE)


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the batch normalisations."""
    for module in ("BatchNorm1d", "BatchNorm2d"):
        yield from of_batches(module)
