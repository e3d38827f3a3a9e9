"""Backward is linear in the cotangent: the gradients of a sum of two cotangents are the sum of their gradients.

The second cotangent is the first with some of its signs changed, so that their sum is exact in every dtype. The
subject is compared with itself: no reference is needed, but for the size that rounding errors may have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from parity.verdict import arithmetic, limits
from parity.verdict.check import NUMBERS, Check
from parity.verdict.compare import errors, index_of
from parity.verdict.draw import seeded
from parity.verdict.trial import Judged, Trial


def cotangents(trial: Trial) -> list[Sequence[Tensor | None]]:
    """Return the drawn cotangents (1 for a scalar loss), the same with other signs, and their sums."""
    generator = seeded(trial.cell.seed, "signs", trial.cell.page.module, trial.cell.case.name)

    def signed(dy: Tensor) -> Tensor:
        kept = torch.rand(dy.shape, generator=generator) < 0.5 if dy.dim() else torch.ones((), dtype=torch.bool)
        return torch.where(kept, dy, -dy)

    dys = trial.drawn.cotangents
    one = (torch.ones((), dtype=trial.cell.torch_dtype),) if dys == (None,) else dys
    other = [dy if dy is None else signed(dy) for dy in one]
    return [one, other, [a if a is None or b is None else a + b for a, b in zip(one, other, strict=True)]]


def run(trial: Trial) -> Iterator[Judged]:
    """Run a new module for each cotangent; compare every gradient of the sum with the sum of the two."""
    given = [replace(trial.drawn, dy=dy, others=tuple(others)) for dy, *others in cotangents(trial)]
    trials = [replace(trial, given=one) for one in given]
    observed = [at.observe(at.build()) for at in trials]
    of_forward = {*trial.signature.outputs, *trial.drawn.buffers}
    for name, gauge in trial.evidence.gauges.items():
        if name not in of_forward and all(name in quantities for quantities in observed):
            values = [quantities[name].detach().cpu().double() for quantities in observed]
            fault = difference(values, gauge.size, arithmetic.of(trial.cell.torch_dtype, trial.cell.device).storage)
            yield trial.claim(name, not fault, fault, gauge.size.numel())


def difference(values: Sequence[Tensor], size: Tensor, u: float) -> str:
    """Return where the last of three gradients is not the sum of the others; empty if nowhere.

    `size` is the gauge for the first cotangent. That for the others differs in |value| alone, since it is a response to
    changes of drawn signs; for their sum, which is at most twice as large, it is twice as large at most.
    """
    if any(value.shape != size.shape for value in values):
        return f"their shapes must be {tuple(size.shape)}, were {[tuple(value.shape) for value in values]}"
    one, other, got = values
    wanted = one + other
    off = errors(got, wanted, (got - wanted).abs(), u * (4 * size + one.abs() + other.abs() + got.abs()))
    wrong = (off > limits.LIMIT) | (got.isfinite() != wanted.isfinite())
    if not wrong.any():
        return ""
    at = index_of(int(torch.where(wrong, off, -1.0).flatten().argmax()), got.shape)
    return (
        f"not linear in dy: {int(wrong.sum())} of {got.numel()} elements of the gradient of a sum of two cotangents "
        f"are not the sum of their gradients, the worst at {at}: got {got[at].item():.9g}, the sum is "
        f"{wanted[at].item():.9g}"
    )


CHECK = Check("linear-in-dy", run, NUMBERS, repeats=True, cost=2)
