"""The verdict on one quantity: structure, then finite mask, then values against the truth in units of u x gauge."""

import math
from dataclasses import dataclass, replace

import numpy
import torch
from torch import Tensor

from parity.verdict import limits
from parity.verdict.gauge import Gauge
from reports.record import CONVENTIONS

LEAST_ROUNDING = min(limits.STORAGE.values())
NUMBERS_ARE_RIGHT = "its numbers are right"  # the last words on a quantity of which the dtype alone is wrong


@dataclass(frozen=True)
class Comparison:
    """What a comparison of one quantity found; errors in units of u x gauge, differences in those of the quantity."""

    verdict: str
    detail: str = ""
    elements: int = 0
    max_abs_diff: float = math.nan
    mean_abs_diff: float = math.nan
    std_abs_diff: float = math.nan
    scale: float = math.nan
    subject_error: float = math.nan
    reference_error: float = math.nan
    limit: float = limits.LIMIT
    bound_fraction: float = math.nan
    worst_index: tuple[int, ...] = ()
    aspect: str = ""  # of a failure that says less than the check which asked; else empty


def structure(got: object, wanted: Tensor) -> str:
    """Return what is wrong with the type, shape, dtype or device of `got`; empty if nothing is."""
    if not isinstance(got, Tensor):
        return f"must be a tensor, was {type(got).__name__}"
    for trait in ("shape", "dtype", "device"):
        if getattr(got, trait) != getattr(wanted, trait):
            shown = [tuple(v) if trait == "shape" else v for v in (getattr(wanted, trait), getattr(got, trait))]
            return f"{trait} must be {shown[0]}, was {shown[1]}"
    return ""


def differs_in_dtype_alone(got: Tensor, wanted: Tensor) -> bool:
    """Return whether a tensor is floating, as it must be, and of the right shape and device."""
    return got.is_floating_point() and wanted.is_floating_point() and not structure(got.to(wanted.dtype), wanted)


def of_another_dtype(fault: str, cast: Comparison) -> Comparison:
    """Return the failure of a quantity of the wrong dtype: what its numbers are, cast to the right one, is said too."""
    if cast.verdict == "fail":
        return replace(cast, detail=f"{fault}; and {cast.detail}", aspect="")
    return Comparison("fail", f"{fault}; {NUMBERS_ARE_RIGHT}" if cast.elements else fault)


def kinds(value: Tensor) -> Tensor:
    """Return 0 for every finite element, 1 for nan, 2 for inf and 3 for -inf."""
    return value.isnan() * 1 + value.isposinf() * 2 + value.isneginf() * 3


def index_of(flat: int, shape: torch.Size) -> tuple[int, ...]:
    return tuple(map(int, numpy.unravel_index(flat, shape)))


def errors(value: Tensor, truth: Tensor, distance: Tensor, size: Tensor) -> Tensor:
    """Return distance / size, 0 wherever either side is not finite, inf where a size of 0 is exceeded or is nan."""
    ratio = torch.where(distance == 0, distance, distance / size)
    return ratio.nan_to_num(torch.inf, torch.inf).masked_fill(~(value.isfinite() & truth.isfinite()), 0.0)


def largest(value: Tensor) -> float:
    return float(value.max()) if value.numel() else 0.0


def not_finite(got: Tensor, reference: Tensor, truth: Tensor, gauge: Gauge, u: float) -> str:
    """Return where nan or inf stand in `got` but neither in torch.nn nor in the truth rounded to the dtype.

    From half of the largest number on a rounding may decide between that and infinity: either is right, by its error. A
    finite element where the truth has none is right only if it is torch's own, or where a rounding gives the truth
    one. Where torch.nn has overflowed on the way to what the truth is, overflowing to anything is no worse.
    """
    if bool(got.isfinite().all()) and bool(reference.isfinite().all()) and bool(truth.isfinite().all()):
        return ""
    wanted = gauge.wanted(got, truth)
    reached = wanted + wanted.sign() * limits.LIMIT * u * gauge.size.nan_to_num(0.0)
    of_got, of_reference = kinds(got), kinds(reference)
    of_truth, of_reached = kinds(wanted.to(got.dtype)), kinds(reached.to(got.dtype))
    wrong = (of_got != of_reference) & (of_got != of_truth) & (of_got != of_reached)
    overflowed = ~reference.isfinite() & truth.isfinite() & (of_reference != of_truth) & (of_reference != of_reached)
    held = (got.sign() == wanted.sign()) & (got.abs() >= torch.finfo(got.dtype).max / 2)  # from infinity, by a rounding
    beyond = ~wanted.isfinite() | (of_truth.bool() & ~held)
    wrong = torch.where(got.isfinite(), beyond & (got != reference), wrong & ~overflowed)
    if gauge.free is not None:
        wrong &= ~(gauge.free & got.isnan())
    if gauge.unsettled is not None:
        wrong &= ~(gauge.unsettled & ~got.isinf())
    if not wrong.any():
        return ""
    index = index_of(int(wrong.flatten().int().argmax()), got.shape)
    return (
        f"{int(wrong.sum())} of {got.numel()} elements differ in being finite, first at {index}: "
        f"got {got[index].item():g}, wanted {reference[index].item():g}"
    )


def spread(got: Tensor, reference: Tensor, truth: Tensor, free: Tensor) -> bool:
    """Return whether nan or inf stand where a number belongs: no convention, as where the number stands for a nan."""
    return bool((~got.isfinite() & reference.isfinite() & truth.isfinite() & ~free).any())


@dataclass(frozen=True)
class Weighed:
    """What decides: the errors of the subject and of torch.nn in units of u x gauge, and what is wrong beside them."""

    not_finite: str
    error: Tensor
    of_torch: Tensor

    @property
    def limit(self) -> float:
        """The largest error that passes."""
        return limits.allowed(largest(self.of_torch))

    @property
    def over(self) -> int:
        """The number of elements whose error is over the limit and over torch's own."""
        return int(((self.error > self.limit) & (self.error > self.of_torch)).sum())


def weigh(got: Tensor, reference: Tensor, truth: Tensor, gauge: Gauge, u: float) -> Weighed:
    """Return the errors of a tensor whose structure is right."""
    wrong, truth = not_finite(got, reference, truth, gauge, u), gauge.wanted(got, truth)
    return Weighed(
        wrong,
        errors(got, truth, gauge.distance(got, truth), u * gauge.size),
        errors(reference, truth, gauge.distance(reference, truth), u * gauge.size),
    )


def zeros_pass(reference: Tensor, truth: Tensor, gauge: Gauge, u: float) -> bool:
    """Return whether zeros in place of a quantity would be right too."""
    zeros = weigh(torch.zeros_like(reference, device="cpu"), reference.cpu(), truth, gauge, u)
    return not zeros.not_finite and not zeros.over


def compare(got: object, reference: Tensor, truth: Tensor, gauge: Gauge, u: float) -> Comparison:
    """Judge `got` against `reference` (torch.nn, same dtype and device) and `truth` (float64, on the CPU).

    Shapes  all as `truth`. u is the unit roundoff of the dtype. Passes only if every element is within the limit; where
    the bits are those of torch, rounding errors and all, the verdict is same-route: right, but no independent proof.
    """
    fault = structure(got, reference)
    if not isinstance(got, Tensor) or (fault and not differs_in_dtype_alone(got, reference)):
        return Comparison("fail", fault)
    if fault:
        return of_another_dtype(fault, compare(got.to(reference.dtype), reference, truth, gauge, u))
    if not got.numel():
        return Comparison("pass", "empty, as it must be")
    got, reference = got.detach().cpu(), reference.detach().cpu()
    weighed, truth = weigh(got, reference, truth, gauge, u), gauge.wanted(got, truth)
    worst = index_of(int(weighed.error.flatten().argmax()), weighed.error.shape)
    finite = got.isfinite() & reference.isfinite()
    difference = (got.double() - reference.double())[finite].abs()
    of_truth = truth[truth.isfinite()]
    comparison = Comparison(
        verdict="pass",
        elements=got.numel(),
        max_abs_diff=largest(difference),
        mean_abs_diff=float(difference.mean()) if difference.numel() else 0.0,
        std_abs_diff=float(difference.std(correction=0)) if difference.numel() else 0.0,
        scale=float(of_truth.square().mean().sqrt()) if of_truth.numel() else math.nan,
        subject_error=largest(weighed.error),
        reference_error=largest(weighed.of_torch),
        limit=weighed.limit,
        bound_fraction=bound_fraction(got, truth, gauge, u),
        worst_index=worst,
    )
    alike = not comparison.max_abs_diff and torch.equal(kinds(got), kinds(reference))
    if alike and comparison.reference_error:
        comparison = replace(comparison, verdict="same-route")  # not only right, but wrong in the same bits
    if weighed.not_finite:
        hidden = gauge.free is not None and not weighed.over and not spread(got, reference, truth, gauge.free)
        return replace(failed(comparison, weighed.not_finite), aspect=CONVENTIONS if hidden else "")
    if over := weighed.over:
        told = worst_element(comparison, got[worst].item(), truth[worst].item())
        return failed(comparison, f"{over} of {got.numel()} elements are wrong, the worst at {worst}: {told}")
    return comparison


def worst_element(comparison: Comparison, got: float, truth: float) -> str:
    """Return what the worst element is and should be; where no rounding is allowed there is no error to name."""
    if math.isinf(comparison.subject_error):
        return f"got {got:.9g} where {truth:.9g} is wanted, and no rounding can lie between"
    if truth == 0 and comparison.subject_error * LEAST_ROUNDING > 1:
        return f"got {got:.9g} where 0 is wanted"  # the error is a multiple of what underflow leaves: it says nothing
    return (
        f"got {got:.9g}, wanted {truth:.9g}, error {comparison.subject_error:.3g} u·gauge "
        f"(limit {comparison.limit:.3g}; torch.nn {comparison.reference_error:.3g})"
    )


def bound_fraction(got: Tensor, truth: Tensor, gauge: Gauge, u: float) -> float:
    """Return the largest share of the rigorous bound that an element takes up; nan where there is no such bound."""
    if gauge.bound is None:
        return math.nan
    return largest(errors(got, truth, gauge.distance(got, truth), u * gauge.bound))


def failed(comparison: Comparison, detail: str) -> Comparison:
    return replace(comparison, verdict="fail", detail=detail)


def best_factor(got: Tensor, wanted: Tensor) -> float:
    """Return the factor c for which c x wanted comes nearest to got where both are finite, by least squares."""
    at = got.isfinite() & wanted.isfinite()
    a, b = got[at], wanted[at]
    square = float((b * b).sum())
    return float((a * b).sum()) / square if square else 0.0
