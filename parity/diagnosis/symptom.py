"""A symptom: one wrong quantity, with everything that may explain it; and what an explanation must do to fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.verdict import arithmetic, limits
from parity.verdict.compare import errors, kinds
from parity.verdict.draw import Draw, Tensors, each_tensor
from parity.verdict.reference import quantities
from parity.verdict.trial import Seen, Trial

# Rounding may leave this multiple of what the verdict allows: the prediction is computed in another way.
SLACK = 4.0
# How well an explanation fits. In a dtype of few digits rounding may leave much, and what leaves far less is likelier.
AS_RIGHT = 3  # were the prediction the truth, the verdict would pass what came
BUT_FOR_ROUNDING = 2
ROUGHLY = 1
NO_FIT = 0
# An explanation that leaves more than rounding fits roughly if it leaves at most this share of the largest error.
UNEXPLAINED = 0.01
# Share of the wrong elements that an explanation must say something finite about, and must bring nearer to what came.
COVERED = 0.9
CLOSE = 1e-3  # relative, of what stands where nothing finite should: it tells one explanation from another


@dataclass(frozen=True)
class Explanation:
    """What may have been computed in place of the truth.

    kind       what sort of cause it is: sign, factor, transposed, stale ...
    words      the cause in a sentence without a full stop
    predicted  float64, the quantity under this cause
    vanishes   conditions (batch, or an option's name) at whose plain value the cause makes no difference
    """

    kind: str
    words: str
    predicted: Tensor
    vanishes: frozenset[str] = frozenset()


Explanations = Iterator[Explanation]


def vanishing(*conditions: str) -> frozenset[str]:
    return frozenset(conditions)


@dataclass(frozen=True)
class Symptom:
    """A quantity that failed: what came and what was wanted, both in float64, on the CPU."""

    trial: Trial
    quantity: str
    got: Tensor
    truth: Tensor

    @classmethod
    def of(cls, seen: Seen) -> "Symptom":
        """Return the symptom that was seen when a quantity failed."""
        got, at = seen.got.double(), seen.trial.evidence
        return cls(seen.trial, seen.quantity, got, at.gauges[seen.quantity].wanted(got, at.truth[seen.quantity]))

    @property
    def drawn(self) -> Draw:
        return self.trial.drawn

    @property
    def of_forward(self) -> bool:
        """Whether it comes of forward: an output, or a buffer."""
        return self.quantity in self.trial.signature.outputs or self.quantity in self.drawn.buffers

    @cached_property
    def u(self) -> float:
        """The unit roundoff of the subject's arithmetic."""
        return arithmetic.of(self.trial.cell.torch_dtype, self.trial.cell.device).storage

    @cached_property
    def finite(self) -> Tensor:
        """Where both sides are finite."""
        return self.got.isfinite() & self.truth.isfinite()

    @cached_property
    def wrong(self) -> Tensor:
        """Which elements are wrong: beyond the limit, or finite on one side alone."""
        gauge = self.trial.evidence.gauges[self.quantity]
        distance = gauge.distance(self.got, self.truth)
        beyond = errors(self.got, self.truth, distance, self.u * gauge.size) > limits.LIMIT
        return beyond | (self.got.isfinite() != self.truth.isfinite())

    @property
    def dtypes(self) -> list[torch.dtype]:
        """The dtypes in which the subject may compute, whatever it hands out: its own, then the wider ones."""
        own = self.trial.cell.torch_dtype
        return list(dict.fromkeys((own, torch.float32, torch.float64))) if own != torch.float64 else [own]

    @cached_property
    def floor(self) -> float:
        """The size below which numbers are lost to underflow: what lies under it has no sign and no factor."""
        asked = arithmetic.of(self.trial.cell.torch_dtype, self.trial.cell.device)
        return asked.storage * asked.underflow

    @cached_property
    def special(self) -> bool:
        """Whether every wrong element is so because it, or the truth, is not finite."""
        return not bool((self.wrong & self.finite).any())

    def left(self, predicted: Tensor) -> tuple[float, float]:
        """Return the largest error that `predicted` leaves: in units of what rounding may leave, and of the error.

        Both are 0 for what came itself, the prediction of a hypothesis that has checked its own fit, and inf for a
        prediction of another shape, or one that says nothing of the elements that are wrong, or too little.
        """
        if predicted is self.got:
            return 0.0, 0.0
        if predicted.shape != self.got.shape:
            return torch.inf, torch.inf
        if not self.wrong.any():
            return torch.inf, torch.inf
        if self.special:
            return (0.0, 0.0) if self.as_special(predicted) else (torch.inf, torch.inf)
        at, wrong = self.finite & predicted.isfinite(), self.wrong & self.finite
        if (wrong & at).sum() < COVERED * wrong.sum():
            return torch.inf, torch.inf
        rest, error = (self.got - predicted)[at].abs(), (self.got - self.truth)[at].abs()
        size = self.trial.evidence.gauges[self.quantity].size[at].nan_to_num(0.0, 0.0, 0.0)
        larger = max(1.0, float(predicted[at].norm() / self.truth[at].norm().clamp_min(1e-300)))
        allowed = SLACK * limits.LIMIT * self.u * (size * larger + predicted[at].abs())
        nearer = (rest <= 0.5 * error) | (rest <= allowed)
        if nearer[wrong[at]].double().mean() < COVERED:
            return torch.inf, torch.inf
        counts = wrong[at] | (rest > allowed)  # elsewhere both are rounding, which may be larger than what is wrong
        of_error = float(rest[counts].max() / error[wrong[at]].max())
        return float((rest / allowed.clamp_min(1e-300)).max()), of_error

    def as_special(self, predicted: Tensor) -> bool:
        """Return whether infinities, nan and numbers stand where `predicted` has them, and the numbers are its own."""
        same = kinds(self.got) == kinds(predicted)
        both = self.got.isfinite() & predicted.isfinite()
        same &= ~both | torch.isclose(self.got, predicted, rtol=CLOSE, atol=self.floor)
        return all(bool(same[at].double().mean() >= COVERED) for at in (self.wrong, ~self.wrong) if at.any())

    def fit(self, predicted: Tensor) -> int:
        """Return how well `predicted` explains the numbers: NO_FIT, ROUGHLY, BUT_FOR_ROUNDING or AS_RIGHT."""
        in_rounding, of_error = self.left(predicted)
        if of_error > 0.5:
            return NO_FIT  # a prediction that leaves most of the error explains nothing, however small the error is
        if in_rounding <= 1:
            full = AS_RIGHT if in_rounding * SLACK <= 1 else BUT_FOR_ROUNDING
            return full if self.as_finite(predicted) else ROUGHLY
        return ROUGHLY if of_error <= UNEXPLAINED and self.near(predicted) else NO_FIT

    def near(self, predicted: Tensor) -> bool:
        """Return whether most wrong elements are of the predicted size: beside a truth that is huge all is near."""
        at = self.wrong & self.finite & predicted.isfinite()
        got, other = self.got[at], predicted[at]
        return bool(((got - other).abs() <= 0.5 * torch.maximum(got.abs(), other.abs())).double().mean() >= COVERED)

    def as_finite(self, predicted: Tensor) -> bool:
        """Return whether infinities and nan stand as predicted where they are wrong."""
        strange = self.wrong & ~self.finite
        return not bool(strange.any()) or bool(
            (kinds(self.got) == kinds(predicted))[strange].double().mean() >= COVERED
        )

    def reference(self, drawn: Draw | None = None, options: Mapping[str, Any] | None = None) -> Tensor | None:
        """Return this quantity of torch.nn in float64 on another draw or with other options; None if it has none.

        With other options the cotangent, and then the quantity, are cut or filled with zeros to the shape they need.
        """
        cell, page, given = self.trial.cell, self.trial.page, drawn or self.drawn
        case = cell.case if options is None else replace(cell.case, options=dict(cell.case.options) | dict(options))
        try:
            if options is not None and given.dy is not None:
                given = fitting(page, case, given)
            computed: Tensors = quantities(page.exact, case, given, torch.float64)
        except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, ArithmeticError):
            return None
        value = computed.get(self.quantity)
        if value is None or (value.shape != self.got.shape and value.dim() != self.got.dim()):
            return None
        return fitted(value, self.got.shape)


def fitting(page: Page, case: Case, given: Draw) -> Draw:
    """Return the draw with its cotangents cut, or filled with zeros, to the shapes of a case's outputs."""
    module = page.reference(**case.options).double().train(case.training)
    with torch.no_grad():
        returned = page.call(module, *each_tensor(Tensor.double, given.inputs))
    outputs = page.signature.named_outputs(returned).values()
    pairs = zip(given.cotangents, outputs, strict=True)
    dy, *others = [value if value is None else fitted(value, y.shape) for value, y in pairs]
    return replace(given, dy=dy, others=tuple(others))


def fitted(value: Tensor, shape: torch.Size) -> Tensor:
    """Return `value` cut, or filled with zeros, to a shape of as many axes; raise ValueError for one of others."""
    if value.shape == shape:
        return value
    kept = tuple(slice(min(pair)) for pair in zip(value.shape, shape, strict=True))
    out = value.new_zeros(shape)
    out[kept] = value[kept]
    return out


def observed(trial: Trial) -> Tensors:
    """Return what the subject gives in a first call; empty if it raises."""
    try:
        return trial.observe(trial.build())
    except Exception:
        return {}


def passes(trial: Trial, quantity: str) -> bool:
    """Return whether the quantity passes in a first call; not if the subject or torch.nn raises, or has none."""
    got = observed(trial)
    if quantity not in got:
        return False
    try:
        judged = trial.judge(got)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return False
    return not any(one.fails for one in judged if one.record.quantity == quantity)
