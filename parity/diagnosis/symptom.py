"""A symptom: one wrong quantity, with everything that may explain it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case
from parity.verdict.compare import Comparison
from parity.verdict.draw import Draw, Tensors
from parity.verdict.reference import quantities
from parity.verdict.trial import Trial

# An explanation fits if it leaves at most this share of the error that there is without it.
UNEXPLAINED = 0.01


@dataclass(frozen=True)
class Symptom:
    """A quantity that failed: what came and what was wanted, both in float64, on the CPU."""

    trial: Trial
    quantity: str
    got: Tensor
    truth: Tensor
    wrong: Tensor  # bool, which elements are beyond the limit
    comparison: Comparison

    @cached_property
    def finite(self) -> Tensor:
        return self.got.isfinite() & self.truth.isfinite()

    def left(self, predicted: Tensor) -> float:
        """Return which share of the error is left if `predicted` was computed in place of the truth."""
        if predicted.shape != self.got.shape:
            return torch.inf
        at = self.finite & predicted.isfinite()
        without = (self.got - self.truth)[at].abs()
        if not without.numel() or not without.max():
            return torch.inf
        return float((self.got - predicted)[at].abs().max() / without.max())

    def fits(self, predicted: Tensor) -> bool:
        """Return whether `predicted` explains the numbers."""
        return self.left(predicted) <= UNEXPLAINED

    def reference(self, drawn: Draw | None = None, options: Mapping[str, Any] | None = None) -> Tensor | None:
        """Return this quantity of torch.nn in float64 on another draw or with other options; None if it has none."""
        cell = self.trial.cell
        case = cell.case if options is None else replace(cell.case, options=options)
        try:
            found = quantities(cell.page, case, drawn or self.trial.drawn, torch.float64)
        except (RuntimeError, ValueError, TypeError, IndexError):
            return None
        value = found.get(self.quantity)
        return value if value is not None and value.shape == self.got.shape else None


Explanation = tuple[str, Tensor]
Explanations = Iterator[Explanation]


def case_with(case: Case, **options: Any) -> dict[str, Any]:
    """Return the options of a case with some of them changed."""
    return dict(case.options) | options


def observed(trial: Trial) -> Tensors:
    """Return what the subject gives for another trial; empty if it raises."""
    try:
        return trial.observe(trial.build())
    except Exception:
        return {}
