"""Faults that any optimiser may have: a line each. A fault changes what goes into a step, or what comes out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from parity.trust.optimisers.rules import At, Step

Fault = Callable[[Step, At], Tensor]

BLOCK = 2**16


def narrowed(tensor: Tensor) -> Tensor:
    return tensor.to(torch.bfloat16).to(tensor.dtype)


def of_gradient(change: Callable[[At], Tensor]) -> Fault:
    return lambda step, at: step(replace(at, grad=change(at)))


def decay_last(step: Step, at: At) -> Any:
    new = step(at.but(weight_decay=0.0))
    return new - at.options["lr"] * at.options.get("weight_decay", 0.0) * new


def climbing_decay(step: Step, at: At) -> Tensor:
    """Negate the sum of gradient and decay where the gradient alone is to be negated."""
    return step(at.but(weight_decay=-at.options["weight_decay"])) if at.options["maximize"] else step(at)


def scaled_gradient(step: Step, at: At) -> Tensor:
    new = step(at)
    at.grad.mul_(at.options["lr"])
    return new


def plain_first_step(step: Step, at: At) -> Tensor:
    new = step(at)
    return at.value - at.options["lr"] * at.grad if at.step == 1 else new


def lazily(step: Step, at: At) -> Tensor:
    """Leave alone, state too, what has no gradient: right for rows of an embedding, in an optimiser made for that."""
    before = dict(at.state)
    new, idle = step(at), at.grad == 0
    for name, kept in at.state.items():
        if isinstance(kept, Tensor) and isinstance(before.get(name, 0.0), Tensor):
            at.state[name] = torch.where(idle, before[name], kept)
    return torch.where(idle, at.value, new)


def in_bfloat16(step: Step, at: At) -> Tensor:
    new = step(at)
    at.state.update({name: narrowed(kept) for name, kept in at.state.items() if isinstance(kept, Tensor)})
    return new


def late_gradient(step: Step, at: At) -> Tensor:
    before = at.state.get("_grad", at.grad)
    at.state["_grad"] = at.grad.clone()
    return step(replace(at, grad=before))


def one_block(step: Step, at: At) -> Tensor:
    flat = step(at).flatten()
    return torch.cat([flat[:BLOCK], at.value.flatten()[BLOCK:]]).view(at.value.shape)


def of_first_group(step: Step, at: At) -> Tensor:
    rate = at.first["lr"] if at.step == 1 else at.options["lr"]
    return step(replace(at, options={**at.first, "lr": rate}))


def unless(where: Callable[[At], bool]) -> Fault:
    return lambda step, at: at.value.clone() if where(at) else step(at)


ANY: Mapping[str, Fault] = {
    "climbs": lambda step, at: 2 * at.value - step(at),
    "steps twice as far": lambda step, at: 2 * step(at) - at.value,
    "steps a thousandth too far": lambda step, at: at.value + 1.001 * (step(at) - at.value),
    "decay forgotten": lambda step, at: step(at.but(weight_decay=0.0)),
    "decay of the wrong sign": lambda step, at: step(at.but(weight_decay=-at.options["weight_decay"])),
    "decay after the update": decay_last,
    "decay halved": lambda step, at: step(at.but(weight_decay=at.options["weight_decay"] / 2)),
    "vectors do not decay": lambda step, at: step(at.but(weight_decay=0.0) if at.value.dim() < 2 else at),
    "decay climbs when maximising": climbing_decay,
    "maximise forgotten": lambda step, at: step(at.but(maximize=False)),
    "rate multiplied into the gradient": scaled_gradient,
    "first step is plain": plain_first_step,
    "options of the first group": of_first_group,
    "rate never falls": lambda step, at: step(at.but(lr=at.first["lr"])),
    "last parameter forgotten": unless(lambda at: at.position == at.count - 1),
    "scalars forgotten": unless(lambda at: not at.value.dim()),
    "every fourth step forgotten": unless(lambda at: at.step % 4 == 0),
    "elements without gradient forgotten": lazily,
    "beyond a block nothing": one_block,
    "gradient of the step before": late_gradient,
    "gradient in bfloat16": of_gradient(lambda at: narrowed(at.grad)),
    "gradient clipped": of_gradient(lambda at: at.grad.clamp(-1, 1)),
    "gradient averaged": of_gradient(lambda at: at.grad.mean().expand(at.grad.shape).clone()),
    "state in bfloat16": in_bfloat16,
}
COUNTING: Mapping[str, Fault] = {  # of optimisers in which the count of steps matters
    "counts every parameter": lambda step, at: step(replace(at, step=(at.step - 1) * at.count + at.position + 1)),
    "counts from zero": lambda step, at: step(replace(at, step=at.step + 1)),
    "counts to three": lambda step, at: step(replace(at, step=min(at.step, 3))),
}


def planted(fault: Fault, step: Step) -> Step:
    def wrong(at: At) -> Tensor:
        return fault(step, at)

    return wrong
