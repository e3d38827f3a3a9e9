"""Inputs, cotangent and parameters are the same bits after forward and backward as before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.subjects.contract import Built, Stateful
from parity.verdict.check import BEHAVIOUR, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.draw import cotangent_names
from parity.verdict.reading import same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Compare what was given with fresh copies of it, and the parameters with copies from before."""
    built, given, dys = trial.build(), trial.inputs(), trial.cotangents()
    before = {name: value.clone() for name, value in parameters(trial, built).items()}
    built.forward(*given)
    for number, (now, fresh) in enumerate(zip(given, trial.inputs(), strict=True)):
        if now is not None:
            yield trial.claim(f"input {number}", same_bits(now, fresh), f"forward changed input {number}", now.numel())
    between = [value if value is None else value.clone() for value in given]
    built.backward(*dys)
    same = all(unchanged(now, then) for now, then in zip(given, between, strict=True))
    yield trial.claim("inputs after backward", same, "backward changed an input", given[0].numel())
    for name, now, fresh in zip(cotangent_names(dys), dys, trial.cotangents(), strict=True):
        if now is not None:
            yield trial.claim(name, unchanged(now, fresh), "backward changed the cotangent", now.numel())
    after = parameters(trial, built)
    for name, value in before.items():
        same = name in after and same_bits(after[name], value)
        yield trial.claim(name, same, f"forward or backward changed {name}", value.numel())


def parameters(trial: Trial, built: Built) -> Mapping[str, Tensor]:
    """Return the parameters that a module shows: what else it keeps may change."""
    state = built.state_dict() if isinstance(built, Stateful) else {}
    return {name: value for name, value in state.items() if name in trial.drawn.parameters}


def unchanged(now: Tensor | None, before: Tensor | None) -> bool:
    return now is None or (before is not None and same_bits(now, before))


def looks_like(trial: Trial, quantity: str) -> str:
    """Return which tensor was written over, at which stage, and with what."""
    built, given, dys = trial.build(), trial.inputs(), trial.cotangents()
    known = {"the output": next(iter(trial.forward(built, given).values()))}
    stage, fresh_inputs = "forward", trial.inputs()
    if all(unchanged(a, b) for a, b in zip(given, fresh_inputs, strict=True)):
        stage = "backward"
        known |= trial.backward(built, dys)
    known["zeros"] = torch.zeros_like(given[0])
    for name, now, before in written(given, dys, fresh_inputs, trial.cotangents()):
        if quantity in (name, "inputs after backward"):
            return f"{name} is changed in place by {stage}: {became(now, before, known)}"
    return ""


def written(
    given: Sequence[Any], dys: Sequence[Any], inputs: Sequence[Any], cotangents: Sequence[Any]
) -> list[tuple[str, Tensor, Tensor]]:
    """Return every tensor that has changed: its name, what it holds, and what it held."""
    triples = [(f"input {i}", a, b) for i, (a, b) in enumerate(zip(given, inputs, strict=True))]
    triples += zip(cotangent_names(dys), dys, cotangents, strict=True)
    return [(name, a, b) for name, a, b in triples if not unchanged(a, b)]


def became(now: Tensor, before: Tensor, known: Mapping[str, Tensor]) -> str:
    """Return what a tensor that was written over now holds."""
    for name, value in known.items():
        if value.shape == now.shape and torch.equal(value, now):
            return f"it holds {name}"
    count = int((now != before).sum())
    return f"{count} of {now.numel()} elements, the first at {tuple((now != before).nonzero()[0].tolist())}"


CHECK = Check("leaves-alone", run, BEHAVIOUR, dtypes=WHERE_NOTHING_IS_CAST, looks_like=looks_like)
