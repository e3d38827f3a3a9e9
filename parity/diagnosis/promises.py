"""What a broken promise looks like: a gradient that does not accumulate, a tensor that was written to."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from parity.diagnosis.factors import best_factor
from parity.diagnosis.symptom import fresh
from parity.verdict.trial import Trial, gradients, same_bits
from reports.record import Parity

NEAR = 1e-3  # relative, for the share of an older gradient: it names a cause, and judges nothing


def of_accumulation(trial: Trial, quantity: str) -> str:
    """Return how much of a gradient a second backward, or zero_grad, left of it."""
    built, name = trial.build(), quantity.removesuffix(" cleared")
    once = trial.observe(built).get(name)
    if once is None or name in ("output", "dx"):
        return ""
    if quantity != name:
        built.zero_grad()
        return f"zero_grad leaves {share(gradients(built)[name], once)} the gradient: it is not cleared"
    kept = best_factor(trial.observe(built)[name].double(), once.double()) - 1
    if abs(kept) < NEAR:
        return "not accumulated: a second backward overwrites the gradient"
    words = f"a second backward counts what was there {kept:.4g} times in place of once"
    return f"{words}, as if the buffer of a momentum were the gradient" if 0 < kept < 1 - NEAR else words


def share(left: Tensor, of: Tensor) -> str:
    factor = best_factor(left.double(), of.double())
    return f"{factor:.4g} of" if torch.allclose(left, factor * of, rtol=NEAR) and factor else "something of"


def of_memory(trial: Trial, quantity: str) -> str:
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


PROMISES: Mapping[str, Callable[[Trial, str], str]] = {"accumulates": of_accumulation, "leaves-alone": of_memory}


def broken(trial: Trial, record: Parity) -> str:
    """Return what the broken promise of a record looks like; empty if it is none of those known here."""
    found = PROMISES.get(record.check)
    try:
        return found(fresh(trial), record.quantity) if found else ""
    except Exception:  # the subject's own, in a run beside the one that was judged, whose verdict stands
        return ""
