"""The gauge: per element, the size that an honest rounding error may have, in multiples of the unit roundoff.

Linear maps have it in closed form, as the reference BLAS testers use it (Dongarra et al. 1990): |A||B|, the map
applied to absolute values, and sqrt(n) |AB| for the running value of a sum of n terms (the probabilistic law of
Higham & Mary 2019); |AB| and the root of the map on squares for what is stored.

Elsewhere it is |truth|, plus the response of the truth to relative perturbations of its inputs, plus the response of a
float64 run in which the result of every elementary operation is perturbed (Monte Carlo arithmetic, Parker 1997).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.verdict import limits
from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import Draw, Tensors, mapped, signs
from parity.verdict.perturbed.operations import sum_size
from parity.verdict.perturbed.runs import made
from parity.verdict.reference import Reference
from parity.verdict.sets import at_infinity, of_comparisons, right_too, subgradients


@dataclass(frozen=True)
class Gauge:
    """size: what rounding may honestly do to each element, in multiples of u.

    bound: gamma_n |A||B| in the same multiples, which no order of summation can exceed; None where there is none.
    low, high: where the truth is a set (a subgradient at a kink), its ends; None where it is a point everywhere.
    free: where the truth hangs on how a nan compares, which is a convention: nan is right too; None if nowhere.
    unsettled: where the truth is nan and a number after some roundings, or the other way round, as the root of what
    cancels is: any is right.
    limit: what the truth tends to where it is nan because an infinity was given: right too; elsewhere nan. None if it
    tends to nothing anywhere.
    """

    size: Tensor
    bound: Tensor | None = None
    low: Tensor | None = None
    high: Tensor | None = None
    free: Tensor | None = None
    unsettled: Tensor | None = None
    limit: Tensor | None = None

    def wanted(self, value: Tensor, truth: Tensor) -> Tensor:
        """Return the truth; its limit at an infinity wherever the truth is nan and `value` is not."""
        return truth if self.limit is None else torch.where(truth.isnan() & ~value.isnan(), self.limit, truth)

    def distance(self, value: Tensor, truth: Tensor) -> Tensor:
        """Return how far each element of `value` is from the truth, or from the nearest end of its set."""
        value = value.double()
        if self.low is None or self.high is None:
            return (value - truth).abs()
        return (self.low - value).clamp_min(0) + (value - self.high).clamp_min(0)


def closed_form(page: Page, case: Case, drawn: Draw, truth: Tensors, arithmetic: Arithmetic) -> dict[str, Gauge]:
    """Return the gauge of a module that is linear in each of x, its parameters and dy."""
    reference = Reference(page, case, torch.float64)
    absolutes = reference.quantities(mapped(drawn, torch.abs))
    squares = reference.quantities(mapped(drawn, lambda value: value.double().square()))
    counts = reference.quantities(mapped(drawn, torch.ones_like))
    gauges = {}
    for name, value in truth.items():
        size = (
            sum_size(arithmetic, value, absolutes[name], squares[name], counts[name])
            + counts[name] * arithmetic.underflow
        )
        n_u = counts[name] * arithmetic.storage
        bound = counts[name] * (absolutes[name] + arithmetic.underflow) / (1 - n_u)
        gauges[name] = Gauge(size, bound.masked_fill(n_u >= 1, torch.inf))
    return gauges


def joined(values: Tensors) -> Tensor:
    """Return every element of several tensors as one vector: what is said of each costs one call, not one a tensor."""
    return torch.cat([value.flatten() for value in values.values()])


def joined_runs(runs: Tensors, truth: Tensors) -> Tensor:
    """Return the same of runs, each a row: they lie along an axis before those of the truth."""
    return torch.cat(
        [runs[name].flatten(1) if value.dim() else runs[name][:, None] for name, value in truth.items()], 1
    )


def parted(vector: Tensor, like: Tensors) -> Tensors:
    """Return the tensors that were joined."""
    parts = torch.split(vector, [value.numel() for value in like.values()])
    return {name: part.view(value.shape) for part, (name, value) in zip(parts, like.items(), strict=True)}


def departures(truth: Tensor, runs: Tensor, steps: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Return the root mean square over runs of |run - truth| / step, and the largest |run - truth|, of each element.

    runs  what came of one run for each of the steps, a row each
    """
    off = (runs - truth).abs_().nan_to_num_(0.0, 0.0, 0.0)
    return root_mean_square(off / off.new_tensor(steps)[:, None]), off.amax(0)


def root_mean_square(values: Tensor) -> Tensor:
    """Return the root of the mean of squares over the first axis, of numbers whose squares may overflow or vanish."""
    largest = values.amax(0)
    shares = values / torch.where(largest > 0, largest, 1.0)
    return largest * shares.square_().mean(0).sqrt_()


def unsettled(truth: Tensor, *runs: Tensor) -> Tensor:
    """Return where the truth is nan and some run a number, or the reverse."""
    places = [((several.isnan() != truth.isnan()) & ~several.isinf()).any(0) for several in runs]
    return torch.stack(places).any(0) & ~truth.isinf()


def responses(
    page: Page, case: Case, drawn: Draw, truth: Tensors, arithmetic: Arithmetic, runs: int
) -> tuple[Tensors, Tensors]:
    """Return |truth| and its responses to perturbed inputs and to perturbed operations, jumps at kinks allowed for; and
    where these give numbers for a truth that is nan, of inputs that are numbers."""
    generator, exact = torch.Generator().manual_seed(0), mapped(drawn, torch.Tensor.double)
    reference = Reference(page, case, torch.float64)

    def shaken(value: Tensor) -> Tensor:
        value = value.expand(runs, *value.shape)
        other = value * (1 + limits.LEAST_STEP * signs(value, generator))
        return torch.where(value <= 1, other.clamp_max(1.0), other) if page.unit_input else other

    least, others = max(arithmetic.storage, limits.LEAST_STEP), mapped(exact, shaken)
    strides = [least * limits.STRIDES[run % len(limits.STRIDES)] for run in range(runs)]
    by_runs = made(case, reference, exact, others, truth, arithmetic, generator, strides)
    exactly, of_inputs, of_operations = joined(truth), *(joined_runs(each, truth) for each in by_runs)
    by_inputs, _ = departures(exactly, of_inputs, [limits.LEAST_STEP] * runs)
    by_operations, furthest = departures(exactly, of_operations, strides)
    sizes = at_kinks(exactly.abs() + by_inputs + by_operations, furthest, max(strides), arithmetic)
    known = all(value.isfinite().all() for value in drawn.numbers)
    places = parted(unsettled(exactly, of_inputs, of_operations), truth) if known else {}
    return parted(sizes, truth), {name: place for name, place in places.items() if place.any()}


def at_kinks(size: Tensor, furthest: Tensor, step: float, arithmetic: Arithmetic) -> Tensor:
    """Return `size`, or the jump itself wherever the runs went further than any smooth response could take them."""
    jump = limits.JUMP * furthest / (limits.LIMIT * arithmetic.storage)
    return torch.where(furthest > limits.LIMIT * step * size, torch.maximum(size, jump), size)


def measured(
    page: Page, case: Case, drawn: Draw, truth: Tensors, arithmetic: Arithmetic, runs: int
) -> dict[str, Gauge]:
    """Return the gauge of any module, as its responses tell it; of an empty batch, |truth|."""
    empty = not drawn.x.numel()
    sizes, places = (truth, {}) if empty else responses(page, case, drawn, truth, arithmetic, runs)
    sets = subgradients(page, case, drawn, truth) if page.kinks and not empty else right_too(page, case, drawn, truth)
    conventions = of_comparisons(page, case, drawn, truth)
    far = at_infinity(page, case, drawn, truth)
    far_sizes, _ = responses(page, case, far.drawn, far.truth, arithmetic, runs) if far else ({}, {})
    gauges = {}
    for name, size in sizes.items():
        low, high = sets.get(name, (None, None))
        free, limit = None, far.limits.get(name) if far else None
        if low is not None and high is not None:  # an end of a set is rounded as a point is
            ends = torch.maximum(low.abs(), high.abs()).nan_to_num(0.0, 0.0, 0.0)
            size = torch.where(low != high, torch.maximum(size.abs(), ends), size)
        if name in conventions:
            free, least, most = conventions[name]
            low = torch.where(free, least, truth[name] if low is None else low)
            high = torch.where(free, most, truth[name] if high is None else high)
        if limit is not None:
            near = torch.maximum(limit.abs(), far_sizes[name].abs().nan_to_num(0.0, 0.0, 0.0))
            size = torch.where(limit.isnan(), size, near)
            low = torch.where(limit.isnan(), truth[name] if low is None else low, limit)
            high = torch.where(limit.isnan(), truth[name] if high is None else high, limit)
        size = size.abs() + arithmetic.underflow
        gauges[name] = Gauge(size, low=low, high=high, free=free, unsettled=places.get(name), limit=limit)
    return gauges


def gauge(
    page: Page, case: Case, drawn: Draw, truth: Tensors, arithmetic: Arithmetic, runs: int = limits.RESPONSES
) -> dict[str, Gauge]:
    """Return the gauge of every quantity of `truth`, elements shaped as in it; measured by so many runs."""
    if page.multilinear:
        return closed_form(page, case, drawn, truth, arithmetic)
    return measured(page, case, drawn, truth, arithmetic, runs)


@dataclass(frozen=True)
class Evidence:
    """What a subject's quantities are compared with; the same for every subject.

    weighed  makes the gauges by so many runs, which takes longer than all the rest: who does not judge does not ask
    """

    drawn: Draw
    reference: Tensors
    truth: Tensors
    weighed: Callable[[int], Mapping[str, Gauge]]

    @cached_property
    def gauges(self) -> Mapping[str, Gauge]:
        return self.weighed(limits.RESPONSES)

    @cached_property
    def looked_again(self) -> Mapping[str, Gauge]:
        """The gauges by more runs, that what they missed accuses nobody."""
        return self.weighed(limits.RESPONSES_AGAIN)
