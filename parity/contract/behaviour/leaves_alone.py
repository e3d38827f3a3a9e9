"""Inputs, cotangent and parameters are the same bits after forward and backward as before."""

from collections.abc import Mapping

import torch
from torch import Tensor

from parity.subjects.contract import Stateful
from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial, same_bits


def run(trial: Trial) -> list[Judged]:
    """Hold what was given beside fresh copies of it, and the parameters beside those drawn."""
    built, given, dy = trial.build(), trial.inputs(), trial.dy()
    built.forward(*given)
    judged = [
        trial.claim(f"input {i}", same_bits(a, b), f"forward changed input {i}", a.numel())
        for i, (a, b) in enumerate(zip(given, trial.inputs(), strict=True))
    ]
    before = [value.clone() for value in given]
    built.backward(dy)
    same = all(same_bits(a, b) for a, b in zip(given, before, strict=True))
    judged.append(trial.claim("inputs after backward", same, "backward changed an input", given[0].numel()))
    if dy is not None:
        wanted = trial.dy()
        same = wanted is not None and same_bits(dy, wanted)
        judged.append(trial.claim("dy", same, "backward changed the cotangent", dy.numel()))
    if isinstance(built, Stateful):
        fresh = trial.build()
        assert isinstance(fresh, Stateful)
        wanted_state = fresh.state_dict()
        for name, value in built.state_dict().items():
            same = same_bits(value, wanted_state[name])
            judged.append(trial.claim(name, same, f"forward or backward changed {name}", value.numel()))
    return judged


def looks_like(trial: Trial, quantity: str) -> str:
    """Return what was written over an input or the cotangent, and by what."""
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
    """Return what a tensor holds that was written over."""
    for name, value in known.items():
        if value.shape == now.shape and torch.equal(value, now):
            return f"it holds {name}"
    count = int((now != before).sum())
    return f"{count} of {now.numel()} elements, the first at {tuple((now != before).nonzero()[0].tolist())}"


CHECK = Check("leaves-alone", run, looks_like=looks_like)
