"""Where the truth is a set: at a kink, where a nan is compared, at infinity."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.verdict import limits
from parity.verdict.draw import Draw, Tensors, each_tensor, mapped, signs
from parity.verdict.perturbed import kernels
from parity.verdict.reference import Reference


def of_comparisons(page: Page, case: Case, drawn: Draw, truth: Tensors) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
    """Return which elements hang on how a nan compares, the least and the most that they may then be. None where every
    input is finite.

    They are finite, and yet change when a nan among the inputs is another number: a sum or a product would have handed
    it on. Or they change when a derivative by cases takes the other side at a nan, as one of ReLU within a network
    does: at nan it is 1 in torch, and 0 wherever x > 0 is asked. Or when zeros are handed back for an output on which
    nothing depends, where torch hands back nothing: 0 times nan is nan.
    """
    if all(value.isfinite().all() for value in drawn.numbers):
        return {}
    generator, exact = torch.Generator().manual_seed(2), mapped(drawn, torch.Tensor.double)

    def numbers(value: Tensor) -> Tensor:
        return torch.where(value.isnan(), signs(value, generator), value)

    def some(value: Tensor) -> Tensor:
        return torch.where(signs(value, generator) > 0, numbers(value), value)

    # All of them; at a maximum also some, and in order: which of several is the largest is a convention, too.
    moves: list[Callable[[Tensor], Tensor]] = [numbers] * limits.NUDGES
    if page.kinks:
        moves += [some] * limits.NUDGES
        moves += [partial(in_order_beyond_all, columns=c, sign=s) for c in (False, True) for s in (1, -1)]
    replaced = (replace(exact, inputs=each_tensor(move, exact.inputs)) for move in moves)
    reference = Reference(page, case, torch.float64)
    runs = [reference.quantities(given) for given in replaced]
    for side in (*kernels.SIDES, *[None] * limits.NUDGES):  # a library takes one side everywhere, or each its own
        with kernels.EitherAtNan(side, generator):
            runs.append(reference.quantities(exact))
    if None in exact.cotangents and len(exact.cotangents) > 1:
        runs.append(reference.quantities(zeros_for_none(page, exact, truth)))
    conventions = {}
    for name, value in truth.items():
        stack = torch.stack([value, *(run[name] for run in runs)])
        finite = stack.isfinite()
        low, high = stack.where(finite, torch.inf).amin(0), stack.where(finite, -torch.inf).amax(0)
        slack = limits.CONVENTION * (high - low)
        conventions[name] = value.isfinite() & (stack != value).any(0), low - slack, high + slack
    return conventions


def zeros_for_none(page: Page, drawn: Draw, truth: Tensors) -> Draw:
    """Return the draw with zeros as the cotangent of every output on which nothing depends."""
    named = zip(page.signature.outputs, drawn.cotangents, strict=True)
    dy, *others = [torch.zeros_like(truth[name]) if dy is None else dy for name, dy in named]
    return replace(drawn, dy=dy, others=tuple(others))


@dataclass(frozen=True)
class FarOut:
    """What quantities tend to as infinite inputs grow, and a draw in which they have grown, with what comes of it."""

    limits: Tensors  # of quantities that are nan somewhere: what their elements tend to; else nan
    drawn: Draw
    truth: Tensors


def at_infinity(page: Page, case: Case, drawn: Draw, truth: Tensors) -> FarOut | None:
    """Return what elements that are nan tend to as infinite inputs grow; None where none tends to anything.

    torch.nn composes some functions of others that have no value together at infinity, as x / (1 + |x|) does. A library
    that gives the limit there is not wrong. It exists where runs agree, each infinity being another large number in
    each: what comes of two infinities that cancel has none.
    """
    if not any(value.isinf().any() for value in drawn.numbers):
        return None
    if not any(value.isnan().any() for value in truth.values()):
        return None
    generator, exact = torch.Generator().manual_seed(3), mapped(drawn, torch.Tensor.double)

    def large(value: Tensor) -> Tensor:
        lowest, highest = limits.FAR
        exponents = lowest + (highest - lowest) * torch.rand(value.shape, generator=generator, dtype=value.dtype)
        return torch.where(value.isinf(), value.sign() * exponents.exp2(), value)

    reference = Reference(page, case, torch.float64)
    grown = [replace(exact, inputs=each_tensor(large, exact.inputs)) for _ in range(limits.NUDGES)]
    runs = [reference.quantities(inputs) for inputs in grown]
    found = {}
    for name, value in truth.items():
        stack = torch.stack([run[name] for run in runs])
        low, high, near = stack.amin(0), stack.amax(0), 2.0 ** (-limits.FAR[0] / 2)
        limit = torch.where(high - low <= near, torch.where(high.abs() <= near, 0.0, high), torch.nan)  # of nan, nan
        limit = torch.where(low > 1 / near, torch.inf, torch.where(high < -1 / near, -torch.inf, limit))
        if (value.isnan() & ~limit.isnan()).any():
            found[name] = limit.masked_fill(~value.isnan(), torch.nan)
    return FarOut(found, grown[0], runs[0]) if found else None


def right_too(page: Page, case: Case, drawn: Draw, truth: Tensors) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the least and the largest of the truth and of what its page says is right too, where both are finite."""
    if page.also is None:
        return {}
    others = Reference(replace(page, reference=page.also), case, torch.float64).quantities(
        mapped(drawn, torch.Tensor.double)
    )
    return {
        name: (torch.minimum(value, other), torch.maximum(value, other))
        for name, value in truth.items()
        for other in (torch.where(others[name].isfinite() & value.isfinite(), others[name], value),)
    }


def put_in_order(value: Tensor, columns: bool, sign: int) -> Tensor:
    """Return numbers that are next to those of `value`, of which equal ones grow, or fall, in the order of reading.

    By rows or by columns: so the first and the last of numbers that tie for a maximum is the maximum once, either way.
    """
    places = torch.arange(1.0, value.numel() + 1, dtype=value.dtype)
    ranks = places.view(value.shape[::-1]).permute(*range(value.dim())[::-1]) if columns else places.view(value.shape)
    return value + sign * ranks * (value.abs() * torch.finfo(value.dtype).eps + limits.NUDGE**2)


def in_order_beyond_all(value: Tensor, columns: bool, sign: int) -> Tensor:
    """Return `value` with numbers beyond all others where it is nan: so the first, or the last, nan is the maximum."""
    top = 2.0 ** limits.FAR[1]
    known = torch.where(value.isinf(), value.sign() * top / 2, value)
    return torch.where(value.isnan(), put_in_order(torch.full_like(value, top), columns, sign), known)


def subgradients(page: Page, case: Case, drawn: Draw, truth: Tensors) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the least and the largest value that each element takes when the inputs move by next to nothing."""
    generator, exact = torch.Generator().manual_seed(1), mapped(drawn, torch.Tensor.double)

    def nudged(value: Tensor) -> Tensor:
        return value + signs(value, generator) * (value.abs() * limits.NUDGE + limits.NUDGE**2)

    moves = [nudged] * limits.NUDGES + [
        partial(put_in_order, columns=c, sign=s) for c in (False, True) for s in (1, -1)
    ]
    inputs = [replace(exact, inputs=each_tensor(move, exact.inputs)) for move in moves]
    reference = Reference(page, case, torch.float64)
    runs = [truth, *(reference.quantities(moved) for moved in inputs)]
    for name, own in page.signature.differentiated(exact.inputs):  # of minus infinities the largest may be the padding
        runs.append(truth | {name: truth[name].masked_fill(own.isneginf(), 0.0)})
    ends = {}
    for name, value in truth.items():
        stack = torch.stack([run[name] for run in runs])
        low, high = stack.amin(0), stack.amax(0)
        point = ~(high - low > limits.SET * (low.abs() + high.abs()))
        ends[name] = torch.where(point, value, low), torch.where(point, value, high)
    return ends
