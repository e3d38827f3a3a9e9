"""Inputs, cotangent and parameters are the same bits after forward and backward as before."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from parity.subjects.contract import Stateful
from parity.verdict.check import WHERE_NOTHING_IS_CAST, Check
from parity.verdict.trial import Judged, Trial, same_bits


def run(trial: Trial) -> Iterator[Judged]:
    """Compare what was given with fresh copies of it, and the parameters with copies from before."""
    built, given, dy = trial.build(), trial.inputs(), trial.dy()
    state = built.state_dict() if isinstance(built, Stateful) else {}
    before = {name: value.clone() for name, value in state.items()}
    built.forward(*given)
    for number, (now, fresh) in enumerate(zip(given, trial.inputs(), strict=True)):
        yield trial.claim(f"input {number}", same_bits(now, fresh), f"forward changed input {number}", now.numel())
    between = [value.clone() for value in given]
    built.backward(dy)
    same = all(map(same_bits, given, between))
    yield trial.claim("inputs after backward", same, "backward changed an input", given[0].numel())
    if dy is not None:
        wanted = trial.dy()
        same = wanted is not None and same_bits(dy, wanted)
        yield trial.claim("dy", same, "backward changed the cotangent", dy.numel())
    after = built.state_dict() if isinstance(built, Stateful) else {}
    for name, value in before.items():
        same = name in after and same_bits(after[name], value)
        yield trial.claim(name, same, f"forward or backward changed {name}", value.numel())


def looks_like(trial: Trial, quantity: str) -> str:
    """Return which tensor was written over, at which stage, and with what."""
    built, given, dy = trial.build(), trial.inputs(), trial.dy()
    output = built.forward(*given)
    stage, fresh_inputs = "forward", trial.inputs()
    if all(same_bits(a, b) for a, b in zip(given, fresh_inputs, strict=True)):
        stage = "backward"
        dx = built.backward(dy)
        known = {"the output": output, "dx": dx, "zeros": torch.zeros_like(given[0])}
    else:
        known = {"the output": output, "zeros": torch.zeros_like(given[0])}
    for name, now, before in written(given, dy, fresh_inputs, trial.dy()):
        if name == ("dy" if quantity == "dy" else f"input {quantity[6]}" if quantity[6:].isdigit() else name):
            return f"{name} is changed in place by {stage}: {became(now, before, known)}"
    return ""


def written(
    given: tuple[Tensor, ...], dy: Tensor | None, inputs: tuple[Tensor, ...], cotangent: Tensor | None
) -> list[tuple[str, Tensor, Tensor]]:
    """Return every tensor that has changed: its name, what it holds, and what it held."""
    pairs = [(f"input {i}", a, b) for i, (a, b) in enumerate(zip(given, inputs, strict=True))]
    pairs += [("dy", dy, cotangent)] if dy is not None and cotangent is not None else []
    return [(name, a, b) for name, a, b in pairs if not same_bits(a, b)]


def became(now: Tensor, before: Tensor, known: Mapping[str, Tensor]) -> str:
    """Return what a tensor that was written over now holds."""
    for name, value in known.items():
        if value.shape == now.shape and torch.equal(value, now):
            return f"it holds {name}"
    count = int((now != before).sum())
    return f"{count} of {now.numel()} elements, the first at {tuple((now != before).nonzero()[0].tolist())}"


CHECK = Check("leaves-alone", run, dtypes=WHERE_NOTHING_IS_CAST, looks_like=looks_like)
