"""Readings of a factor: the sizes, options and constants that a number may have come from, by name."""

import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.catalogue.taken import by_torch
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import vanishing
from parity.verdict import arithmetic
from parity.verdict.draw import each_tensor
from parity.verdict.trial import Trial

FACTOR_TOLERANCE = 1e-4  # relative, of a factor; or the unit roundoff, where that is more
CLOSER = 0.01  # of what tells a factor from 1, that may be left between it and the size that it is taken for
NOT_DIVIDED = "not divided"  # of a mean that is a sum
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
    options, losses, target = trial.cell.case.options, each_loss(trial), trial.cell.case.target
    counts, forgotten = {}, {}
    if "kernel_size" in options and not trial.drawn.parameters:
        counts["number of pixels of the kernel"] = math.prod(both(options["kernel_size"]))
    by_weights = target == "ignored-classes" or (target == "classes" and "weight" in options)
    if losses is not None and options.get("reduction", "mean") == "mean" and not by_weights:
        of = "elements" if losses.numel() == trial.drawn.x.numel() else "losses"
        counts[f"number of {of}"] = forgotten[f"{NOT_DIVIDED} by the number of {of}"] = losses.numel()
    known = sizes(trial) | active(losses)
    return forgotten | {
        f"divided by the {name} in place of the {right}": n / size
        for right, n in counts.items()
        for name, size in sorted(known.items(), key=lambda entry: not entry[0].startswith("kernel_size"))
        if name != right and size != n
    }


def each_loss(trial: Trial) -> Tensor | None:
    """Return the losses that a loss reduces to one; None of a module that is no loss."""
    cell = trial.cell
    if "reduction" not in by_torch(cell.page.reference):
        return None
    case = replace(cell.case, options={**cell.case.options, "reduction": "none"})
    module = cell.page.reference(**case.options).double()
    with torch.no_grad():
        each: Tensor = cell.page.call(module, *each_tensor(Tensor.double, trial.drawn.inputs))
    return each


def active(losses: Tensor | None) -> dict[str, float]:
    """Return how many losses are not 0, by name; nothing where none is 0."""
    count = 0 if losses is None else int(losses.count_nonzero())
    return {"number of losses that are not 0": count} if losses is not None and 0 < count < losses.numel() else {}


def both(value: Any) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)


def tolerance(trial: Trial) -> float:
    """Return how far, relative, a factor may be from the number that it is taken for."""
    return max(FACTOR_TOLERANCE, arithmetic.of(trial.cell.torch_dtype, trial.cell.device).storage)


def near(factor: float, wanted: float, within: float) -> bool:
    """Return whether a factor is another: to some digits, and far closer than it is to 1."""
    return abs(factor / wanted - 1) < min(within, CLOSER * abs(wanted - 1))


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
    of_batch = trial.drawn.x.shape[:1].numel()
    for name, share in (weighted_shares(trial) | exchanged(trial)).items():
        if near(factor, share, within):
            names[name] = vanishing("batch") if name.startswith(NOT_DIVIDED) and share == of_batch else frozenset()
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
