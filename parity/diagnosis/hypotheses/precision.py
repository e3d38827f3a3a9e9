"""Hypotheses of precision: the result, or what went in, was rounded to a coarser format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict import limits
from parity.verdict.draw import mapped

Rounding = Callable[[Tensor], Tensor]
TF32_BITS = 13  # of the significand of a float32 that TF32 does not keep
LEAST_TELLING = 4  # numbers of few digits by which a format is told
ULPS = {"float32": 2.0**-23, "TF32": 2.0**-10, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def to_tf32(value: Tensor, up: int) -> Tensor:
    """Return `value` with ten explicit bits of its significand: rounded with `up` half a unit, cut off with 0."""
    bits = value.float().contiguous().view(torch.int32)
    return ((bits + up) & -(1 << TF32_BITS)).view(torch.float32).double()


FORMATS: Mapping[str, tuple[Rounding, ...]] = {
    "float32": (lambda value: value.float().double(),),
    "TF32": (lambda value: to_tf32(value, 1 << (TF32_BITS - 1)), lambda value: to_tf32(value, 0)),
    "float16": (lambda value: value.half().double(),),
    "bfloat16": (lambda value: value.bfloat16().double(),),
}


def coarser(symptom: Symptom) -> list[str]:
    """Return the formats coarser than the subject's, finest first."""
    names = ["float64", *FORMATS]
    own = symptom.trial.cell.dtype
    return names[names.index(own) + 1 :] if own in names else []


def result_rounded(symptom: Symptom) -> Explanations:
    """Yield: the result is rounded: it is in a coarser format, and off by no more than the last bit of it.

    The prediction is what came: it needs no fit, since the two conditions are the fit. Formats with equally many bits
    of significand are all named.
    """
    got, truth = symptom.got[symptom.finite], symptom.truth[symptom.finite]
    fitting = [
        name
        for name in coarser(symptom)
        if got.any() and not symptom.special and is_rounded(got, truth, name, symptom.u)
    ]
    if fitting:
        yield Explanation("rounded", f"the result is rounded to {coarsest(fitting)}", symptom.got)
    else:
        yield from computed_in(symptom)


def coarsest(names: Sequence[str]) -> str:
    """Return the formats of the fewest bits of significand, by name."""
    least = max(ULPS[name] for name in names)
    return " or ".join(name for name in names if ULPS[name] == least)


def computed_in(symptom: Symptom) -> Explanations:
    """Yield: it is computed in a coarser format: every value is one of it, and off by what its rounding may leave."""
    at = symptom.finite
    got, truth = symptom.got[at], symptom.truth[at]
    size = symptom.trial.evidence.gauges[symptom.quantity].size[at]
    names = [
        name
        for name in coarser(symptom)
        if got.count_nonzero() >= LEAST_TELLING
        and torch.equal(got, FORMATS[name][0](got))
        and bool(((got - truth).abs() <= limits.LIMIT * ULPS[name] * (size + got.abs())).all())
    ]
    if names:
        said = f"it is computed in {coarsest(names)}, the format of each of its values"
        yield Explanation("rounded", said, symptom.got)


def is_rounded(got: Tensor, truth: Tensor, name: str, u: float) -> bool:
    """Return whether all of `got` is in a format, and off by no more than its last bit."""
    near = (got - truth).abs() <= 1.1 * ULPS[name] * torch.maximum(got.abs(), truth.abs()) + u
    return torch.equal(got, FORMATS[name][0](got)) and bool(near.all())


def truncated(symptom: Symptom) -> Explanations:
    """Yield: the result, or what went in, is made an integer: rounded, cut off, or rounded down."""
    got, telling = symptom.got[symptom.finite], len(set(symptom.truth.flatten().tolist())) > LEAST_TELLING
    for words, whole in {"rounded": torch.round, "cut off": torch.trunc, "rounded down": torch.floor}.items():
        if got.any() and torch.equal(got, got.round()):
            yield Explanation("integers", f"the result is {words} to integers", whole(symptom.truth))
        x, *rest = symptom.drawn.inputs
        value = symptom.reference(replace(symptom.drawn, inputs=(whole(x), *rest))) if telling else None
        if value is not None:
            yield Explanation("integers", f"the input x is {words} to integers", value)


def through(rounding: Rounding, value: Tensor) -> Tensor:
    """Return `value` rounded, in its own dtype; integers as they are."""
    return rounding(value).to(value.dtype) if value.is_floating_point() else value


def inputs_rounded(symptom: Symptom) -> Explanations:
    """Yield: what went in was rounded: all of it, x alone, or all but the cotangent."""
    drawn = symptom.drawn
    for name in coarser(symptom):
        for rounding in FORMATS[name]:
            less = mapped(drawn, partial(through, rounding))
            for what, given in {
                "inputs are": less,
                "inputs but the cotangent are": replace(less, dy=drawn.dy),
                "input x is": replace(drawn, inputs=(less.x, *drawn.inputs[1:])),
                "cotangent is": replace(drawn, dy=less.dy),
                "parameters are": replace(drawn, parameters=less.parameters),
            }.items():
                value = symptom.reference(given)
                if value is not None:
                    yield Explanation("rounded", f"its {what} rounded to {name}", value)
