"""Hypotheses of size: zeros, a sign, a constant factor and the number that it comes from."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import COVERED, Explanation, Explanations, Symptom, observed, vanishing
from parity.verdict import arithmetic
from parity.verdict.compare import best_factor
from parity.verdict.trial import Trial

FACTOR_TOLERANCE = 1e-4  # relative, of a factor; or the unit roundoff, where that is more
CLOSER = 0.01  # of what tells a factor from 1, that may be left between it and the size that it is taken for
LEAST_APART = 1e-4  # from 1, of a factor that is told in six digits
OTHER_BATCH = 3  # samples more than the case has, to tell the batch size from another number that is equal to it
LEAST_TELLING = 2  # wrong elements that are the same multiple of what they should be
MOST_UNDER_ROOT, OF_ROOTS = 512.5, 1e-5  # of a factor told as a root; relative, of its square: chance is as near in 1 %
MOST_READINGS = 3  # of one factor that are told
SAME_SHARE = 4.0  # units of rounding, that a factor may differ from 1 for no reason
OF_MEANS = "in place of"  # in the reading of a factor that says most
CONSTANTS = {
    "2": 2.0,
    "4": 4.0,
    "3": 3.0,
    "ln 2": math.log(2),
    "pi": math.pi,
    "sqrt 2": math.sqrt(2),
    "ln 10": math.log(10),
}


def sizes(trial: Trial) -> dict[str, float]:
    """Return the numbers that a forgotten or added average may have brought in, by name, the likeliest first."""
    x, output = trial.drawn.x.shape, trial.evidence.truth.get("output", trial.drawn.x).shape
    by_name: dict[str, float] = {"batch size": x[0] if x else 1, "number of elements of the input": math.prod(x)}
    if len(x) > 1:
        by_name["number of elements of a sample"] = math.prod(x[1:])
        by_name["number of channels of the input"] = x[1]
        by_name["number of samples and pixels"] = x[0] * math.prod(x[2:])
        by_name["number of rows"] = math.prod(x[:-1])
    if output:
        by_name["number of elements of the output"] = math.prod(output)
        by_name["number of elements of a sample of the output"] = math.prod(output[1:])
    if len(output) > 1:
        by_name["number of channels of the output"] = output[1]
        by_name["number of samples and pixels of the output"] = output[0] * math.prod(output[2:])
        by_name["number of pixels of the output"] = math.prod(output[2:])
        by_name["number of pixels of the input"] = math.prod(x[2:])
        by_name["number of pixels of the output to one of the input"] = math.prod(output[2:]) / max(1, math.prod(x[2:]))
    if output and x:
        by_name["number of elements of the output to one of the input"] = math.prod(output) / max(1, math.prod(x))
    if sum(value is not None and value.is_floating_point() for value in trial.drawn.inputs) > 1:
        by_name["number of elements of a sample of two inputs"] = 2 * math.prod(x[1:])
    weight = built_in(trial.cell.case.options, torch.float64).get("weight")
    if isinstance(weight, Tensor):
        by_name["mean of the option weight: it is a mean over the weights"] = float(weight.mean())
    for axis, extent in enumerate(x[1:-1], start=1):
        by_name.setdefault(f"extent of axis {axis} of the input", extent)
    if "kernel_size" in trial.cell.case.options:
        by_name["number of pixels of the kernel"] = math.prod(both(trial.cell.case.options["kernel_size"]))
    if "stride" in trial.cell.case.options and "kernel_size" in trial.cell.case.options:
        by_name["number of pixels of a stride"] = math.prod(both(trial.cell.case.options["stride"] or 1))
    if "scale_factor" in trial.cell.case.options:
        by_name["number of pixels that one is enlarged to"] = math.prod(both(trial.cell.case.options["scale_factor"]))
    for name, value in trial.cell.case.options.items():
        for axis, extent in enumerate(value if isinstance(value, (tuple, list)) else [value]):
            if isinstance(extent, int) and not isinstance(extent, bool) and extent > 1:
                by_name.setdefault(f"{name}{f'[{axis}]' if isinstance(value, (tuple, list)) else ''}", extent)
    return {name: size for name, size in by_name.items() if size > 1}


def weighted_shares(trial: Trial) -> dict[str, float]:
    """Return what a mean over classes is multiplied by where it is divided by another number, by name."""
    case, x = trial.cell.case, trial.drawn.x
    if not case.target.endswith("classes") or x.dim() == 0:
        return {}
    options = built_in(case.options, torch.float64)
    weight = options.get("weight")
    weights = weight if isinstance(weight, Tensor) else torch.ones(x.shape[min(1, x.dim() - 1)], dtype=torch.float64)
    target = trial.drawn.inputs[1]
    met = weights[target[target != options.get("ignore_index", -100)]]
    counts = {
        "number of losses": met.numel(),
        "number of targets, ignored ones too,": target.numel(),
        "sum of the weights of all classes": float(weights.sum()),
    }
    own = float(met.sum())
    return {f"divided by the {name} in place of the sum of their weights": own / n for name, n in counts.items() if n}


def exchanged(trial: Trial) -> dict[str, float]:
    """Return what a mean is multiplied by where it is divided by another number than that of its terms, by name."""
    options, x = trial.cell.case.options, trial.drawn.x
    counts = {}
    if "kernel_size" in options and not trial.drawn.parameters:
        counts["number of pixels of the kernel"] = math.prod(both(options["kernel_size"]))
    if trial.cell.page.is_loss and options.get("reduction", "mean") == "mean":
        counts["number of elements"] = x.numel()
    return {
        f"divided by the {name} in place of the {right}": n / size
        for right, n in counts.items()
        for name, size in sizes(trial).items()
        if name != right and size != n
    }


def both(value: Any) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)


def tolerance(trial: Trial) -> float:
    """Return how far, relative, a factor may be from the number that it is taken for."""
    return max(FACTOR_TOLERANCE, arithmetic.of(trial.cell.torch_dtype, trial.cell.device).storage)


def near(factor: float, wanted: float, within: float) -> bool:
    """Return whether a factor is another: to some digits, and far closer than it is to 1."""
    return abs(factor / wanted - 1) < min(within, CLOSER * abs(wanted - 1))


def told(factor: float) -> str:
    """Return a factor in words: with as many digits as tell it from 1."""
    apart = abs(factor - 1)
    if apart >= LEAST_APART:
        return f"off by the constant factor {factor:.6g}{as_root(factor)}"
    digits = 1 - math.floor(math.log10(apart))
    return f"off by a relative {apart:.2g} everywhere, the constant factor {factor:.{digits}f}"


def as_root(factor: float) -> str:
    """Return a factor as the root of a small whole number, or 1 over it, in brackets; empty where it is none."""
    for words, root in (("the root of {}", factor), ("1 over the root of {}", 1 / factor)):
        square = root * root
        whole = round(square) if square < MOST_UNDER_ROOT else 0
        if whole > 1 and math.isqrt(whole) ** 2 != whole and abs(square / whole - 1) < OF_ROOTS:
            return f" ({words.format(whole)})"
    return ""


def readings(factor: float, trial: Trial) -> dict[str, frozenset[str]]:
    """Return the names that a positive factor may have in this trial, each with the conditions where it is 1."""
    names: dict[str, frozenset[str]] = {}
    within = tolerance(trial)
    for name, size in sizes(trial).items():
        at_one = vanishing("batch") if name == "batch size" else frozenset()
        powers = {"divided by": 1 / size, "multiplied by": size}
        powers |= {"divided by one less than": size / (size - 1), "divided by one more than": size / (size + 1)}
        for words, power in powers.items():
            if near(factor, power, within):
                names[f"{words} the {name}"] = at_one
    for name, factors in by_options(trial).items():
        if near(factor, factors, within):
            names[name] = frozenset()
    for name, share in (weighted_shares(trial) | exchanged(trial)).items():
        if near(factor, share, within):
            names[name] = frozenset()
    for name, number in CONSTANTS.items():
        if near(factor, number, within):
            names[f"{name} times too large"] = frozenset()
        if near(factor, 1 / number, within):
            names[f"{name} times too small"] = frozenset()
    return names


def by_options(trial: Trial) -> dict[str, float]:
    """Return what options that are fractions may multiply a quantity by, by name."""
    factors: dict[str, float] = {}
    for name, value in (left_out(trial.cell) | dict(trial.cell.case.options)).items():
        if isinstance(value, float) and value > 0:
            factors |= {f"multiplied by the option {name}": value, f"divided by the option {name}": 1 / value}
        if isinstance(value, float) and 0 < value < 1:
            kept = {
                f"multiplied by 1 - {name}, an option": 1 - value,
                f"divided by 1 - {name}, an option": 1 / (1 - value),
            }
            factors = kept | factors if trial.cell.page.draws(trial.cell.case) else factors | kept
            exchanged = f"multiplied as if {name} and 1 - {name}, an option, were exchanged"
            factors |= {exchanged: (1 - value) / value}
    return factors


def factor_elsewhere(symptom: Symptom) -> tuple[float, Trial] | None:
    """Return the factor at another batch size, and the trial there; None if there is none to be had."""
    case = symptom.trial.cell.case
    if symptom.trial.given is not None or not case.x:
        return None
    cell = symptom.trial.cell.with_x("more", case.x[0] + OTHER_BATCH, *case.x[1:])
    trial = symptom.trial.at(cell)
    got = observed(trial)
    try:
        wanted = trial.conditioned(got).evidence.truth[symptom.quantity]
    except (RuntimeError, ValueError, KeyError):
        return None
    value = got.get(symptom.quantity)
    if value is None or value.shape != wanted.shape:
        return None
    return best_factor(value.detach().cpu().double(), wanted), trial


def named(factor: float, symptom: Symptom) -> list[tuple[str, frozenset[str]]]:
    """Return the words for a positive factor, the likeliest first, and where it is 1: those that hold elsewhere too."""
    names: Mapping[str, frozenset[str]] = readings(factor, symptom.trial)
    elsewhere = factor_elsewhere(symptom) if names or symptom.truth.numel() == 1 else None
    if elsewhere is not None and not names and abs(abs(elsewhere[0]) / factor - 1) > tolerance(symptom.trial):
        return []  # any number is a multiple of any other
    if elsewhere is not None:
        there = readings(abs(elsewhere[0]), elsewhere[1])
        names = {name: at_one for name, at_one in names.items() if name in there}
    ordered = sorted(
        names.items(), key=lambda entry: (OF_MEANS not in entry[0], "option" not in entry[0], "times" not in entry[0])
    )
    return ordered[:MOST_READINGS] or [(told(factor), frozenset())]


def spelled(names: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]] | None:
    """Return the words for the two likeliest readings of a factor, and where the first is 1."""
    ordered = sorted(names, key=lambda name: "times" not in name)
    other = f", or {ordered[1]}" if len(ordered) > 1 else ""
    return (ordered[0] + other, names[ordered[0]]) if ordered else None


def zero_or_sign(symptom: Symptom) -> Explanations:
    """Yield: all zeros, and not only numbers that are small beside the truth; the sign is wrong."""
    if (symptom.got == 0).double().mean() >= COVERED:
        yield Explanation("zero", "it is zero everywhere", torch.zeros_like(symptom.truth))
    yield Explanation("sign", "the sign is wrong", -symptom.truth)


def constant_factor(symptom: Symptom) -> Explanations:
    """Yield: a constant factor, named after the size that it comes from."""
    factor = best_factor(symptom.got, symptom.truth)
    predicted = factor * symptom.truth
    telling = symptom.wrong & symptom.finite & (symptom.truth.abs() > symptom.floor)
    alone = symptom.truth.numel() > 1 and int(telling.sum()) < LEAST_TELLING
    if not factor or abs(abs(factor) - 1) < SAME_SHARE * symptom.u or not symptom.fit(predicted):
        return
    sign = ", and the sign is wrong" if factor < 0 else ""
    for words, at_one in named(abs(factor), symptom):
        if alone and OF_MEANS not in words:
            continue  # any number is a multiple of any other
        yield Explanation("factor", f"it is {words}{sign}", predicted, at_one)


def constant_offset(symptom: Symptom) -> Explanations:
    """Yield: a constant is added to every element."""
    apart = (symptom.got - symptom.truth)[symptom.finite]
    if symptom.truth.numel() > 1 and apart.numel():
        offset = float(apart.mean())
        yield Explanation("offset", f"{offset:.4g} is added to every element", symptom.truth + offset)


def partial_factor(symptom: Symptom, words: str, without: Tensor | None, kind: str) -> Explanations:
    """Yield: the part of the truth that `words` brings in is left out, or does not count exactly once.

    `without` is the quantity without that part; that it counts c times predicts without + c (truth - without).
    """
    if without is None or without.shape != symptom.truth.shape:
        return
    part = symptom.truth - without
    count, within = best_factor(symptom.got - without, part), tolerance(symptom.trial)
    predicted = without + count * part
    if not symptom.fit(predicted):
        return
    if abs(count) < within:
        yield Explanation(f"{kind} missing", f"{words} is left out", without)
    elif abs(count + 1) < within:
        yield Explanation("sign", f"{words} has the wrong sign", predicted)
    elif abs(count - 2) < within:
        yield Explanation("doubled", f"{words} is added twice", predicted)
    else:
        name, at_one = named_part(abs(count), symptom.trial)
        yield Explanation("factor", f"{words} is {name}", predicted, at_one)


def named_part(count: float, trial: Trial) -> tuple[str, frozenset[str]]:
    """Return the words for the factor of a part of the truth, and where it is 1."""
    return spelled(readings(count, trial)) or (told(count), frozenset())


def coupling_term(symptom: Symptom) -> Explanations:
    """Yield, for dx: the term that couples the elements, beside y dy, is left out, or is there twice."""
    dy, y = symptom.drawn.dy, symptom.trial.evidence.truth["output"]
    if symptom.quantity == "dx" and dy is not None and dy.shape == y.shape == symptom.truth.shape:
        yield from partial_factor(symptom, "the term beside y dy, which couples the elements,", y * dy.double(), "term")


def parameter_counts(symptom: Symptom) -> Explanations:
    """Yield, for every parameter: left out, of the wrong sign, added twice, divided by a size."""
    drawn = symptom.drawn
    for name, value in drawn.parameters.items():
        other = replace(drawn, parameters=drawn.parameters | {name: torch.zeros_like(value)})
        yield from partial_factor(symptom, name, symptom.reference(other), "parameter")
