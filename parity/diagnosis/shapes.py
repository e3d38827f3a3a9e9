"""What a quantity of the wrong structure looks like: its shape, its dtype, or that there is none."""

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.conditions import PLAIN, Condition, left_out, narrowed, simpler, unequal
from parity.diagnosis.hypotheses.places import axis_word
from parity.diagnosis.search import Guess
from parity.diagnosis.symptom import passes
from parity.verdict.trial import Trial

CLOSE = 1e-3  # relative, of numbers of another shape: it tells one explanation from another, and judges nothing
MOST_AXES = 5  # of a shape whose axes are put in another order


def of_structure(trial: Trial, quantity: str) -> list[Guess]:
    """Return what a quantity that has the wrong type, shape or dtype looks like; empty where nothing can be told."""
    try:
        got = trial.read(trial.build()).get(quantity)
        truth = trial.evidence.truth[quantity]
        if not isinstance(got, Tensor):
            return [*of_none(got, quantity), *right_where(trial, quantity)]
        if got.shape == truth.shape:
            return [*of_dtype(got, trial), *right_where(trial, quantity)]
        guesses = [*of_values(got.detach().cpu().double(), truth, quantity), *of_options(got.shape, trial, quantity)]
        if not guesses:
            guesses = list(of_extents(got.shape, truth.shape, quantity))
        return [*dict.fromkeys(guesses), *right_where(trial, quantity)]
    except Exception:  # the subject's own, in a further run; the verdict on the first stands
        return []


def right_where(trial: Trial, quantity: str) -> list[Guess]:
    """Return under which simpler conditions the quantity is right."""
    met: list[Condition] = [one for one, cell in simpler(trial.cell) if passes(trial.at(cell), quantity)]
    return [Guess(f"right if {one.key}", one.words) for one in narrowed(met)]


def of_none(got: Any, quantity: str) -> Iterator[Guess]:
    """Yield what a quantity that is no tensor looks like."""
    if got is None:
        where = {"output": "forward", "dx": "backward"}.get(quantity, "backward")
        what = "returns nothing" if quantity in ("output", "dx") else f"leaves no {quantity}"
        yield Guess("none", f"{where} {what}: it is None")
    elif isinstance(got, (int, float)):
        yield Guess("shape", "it is a number of Python in place of a tensor")


def of_dtype(got: Tensor, trial: Trial) -> Iterator[Guess]:
    """Yield what a quantity of another dtype looks like."""
    asked = trial.cell.torch_dtype
    if got.dtype == asked:
        return
    name = str(got.dtype).removeprefix("torch.")
    if not got.is_floating_point():
        yield Guess("dtype", f"the numbers are made integers, {name}")
    else:
        finer = torch.finfo(got.dtype).bits > torch.finfo(asked).bits
        words = "the module computes in, or is made of,"
        yield Guess("dtype", f"it is in {name} whatever goes in: {words} {'more' if finer else 'fewer'} digits")


def of_values(got: Tensor, truth: Tensor, quantity: str) -> Iterator[Guess]:
    """Yield how numbers of another shape come from the right ones."""
    if got.numel() == truth.numel():
        yield from of_order(got, truth)
    for size in range(1, got.dim()):
        for axes in combinations(range(got.dim()), size):
            for word, value in (("summed", got.sum(axes)), ("averaged", got.mean(axes))):
                if same(value, truth):
                    yield Guess("sum missing", f"it is not {word} over {named(axes, '', got.dim())}")
    for size in range(1, truth.dim() + 1):
        for axes in combinations(range(truth.dim()), size):
            for word, keep in (("summed", False), ("summed", True)):
                if same(truth.sum(axes, keepdim=keep), got):
                    yield Guess("summed too far", f"it is {word} over {named(axes, quantity, truth.dim())}, too")
                elif same(truth.mean(axes, keepdim=keep), got):
                    yield Guess("summed too far", f"it is the mean over {named(axes, quantity, truth.dim())}")


def of_order(got: Tensor, truth: Tensor) -> Iterator[Guess]:
    """Yield how as many numbers stand in another shape."""
    lean = [extent for extent in truth.shape if extent != 1]
    if [extent for extent in got.shape if extent != 1] == lean and got.shape != truth.shape:
        more = got.dim() - truth.dim()
        word = (
            "has an axis of extent 1 too many"
            if more > 0
            else "lacks an axis of extent 1"
            if more < 0
            else "has its axis of 1 elsewhere"
        )
        right = ": the numbers are right" if same(got.reshape(truth.shape), truth) else ""
        yield Guess("shape", f"the shape {word}: {tuple(got.shape)} in place of {tuple(truth.shape)}{right}")
        return
    if got.dim() == truth.dim() <= MOST_AXES:
        for order in permutations(range(truth.dim())):
            if truth.permute(order).shape == got.shape and same(truth.permute(order), got):
                yield Guess(
                    "transposed", f"it is transposed: its axes stand in the order {order}; the numbers are right"
                )
                return
    if got.dim() == 1 and truth.dim() > 1:
        right = ", the numbers in the right order" if same(got.reshape(truth.shape), truth) else ""
        yield Guess("shape", f"it is flattened to one axis{right}")
    elif same(got.reshape(truth.shape), truth):
        yield Guess("shape", "the numbers are right and in the right order, in another shape")
    elif sorted(got.shape) == sorted(truth.shape):
        yield Guess("transposed", "the shape is that of the transpose")


def same(a: Tensor, b: Tensor) -> bool:
    return (
        a.shape == b.shape and bool(a.numel()) and torch.allclose(a, b, rtol=CLOSE, atol=CLOSE * float(b.abs().max()))
    )


def named(axes: tuple[int, ...], quantity: str, dim: int) -> str:
    """Return axes in words."""
    if len(axes) == dim and dim > 1:
        return "every axis"
    words = [axis_word(quantity, axis) if quantity else f"axis {axis}" for axis in axes]
    return " and ".join(words)


def of_options(shape: torch.Size, trial: Trial, quantity: str) -> Iterator[Guess]:
    """Yield under which other options the output of torch.nn has this shape."""
    cell = trial.cell
    if quantity != "output":
        return
    for words, options in others(left_out(cell) | dict(cell.case.options)):
        try:
            module = cell.page.reference(**(dict(cell.case.options) | options)).double()
            with torch.no_grad():
                of_other = module(
                    *(value.double() if value.is_floating_point() else value for value in trial.drawn.inputs)
                )
        except (RuntimeError, ValueError, TypeError, IndexError):
            continue
        if of_other.shape == shape:
            yield Guess("option ignored", f"the shape is that of {words}")


def others(options: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield other options, each with its words."""
    for name, plain in PLAIN.items():
        value = options.get(name)
        if name != "groups" and value is not None and value not in (plain, (plain, plain)):
            beside = {"output_padding": 0} if name == "stride" and options.get("output_padding") else {}
            yield f"an ignored {name}", {name: plain, **beside}
    for name, value in options.items():
        if unequal(value):
            yield f"height and width of {name} swapped", {name: value[::-1]}
            for at, word in ((0, "first"), (1, "second")):
                yield f"the {word} number of {name} in both directions", {name: (value[at], value[at])}
    if "reduction" in options:
        for other in ("none", "mean"):
            if other != options["reduction"]:
                yield f"the option reduction taken as {other!r}", {"reduction": other}
    if (
        options.get("stride") is not None
        and options.get("dilation") is not None
        and options["stride"] != options["dilation"]
    ):
        yield "stride and dilation swapped", {"stride": options["dilation"], "dilation": options["stride"]}


def of_extents(got: torch.Size, wanted: torch.Size, quantity: str) -> Iterator[Guess]:
    """Yield what differs between two shapes, where nothing says why."""
    if not got:
        yield Guess("shape", "it is one number: summed, or averaged, over every axis")
    elif len(got) != len(wanted):
        word = "lacks" if len(got) < len(wanted) else "has"
        more = abs(len(got) - len(wanted))
        yield Guess(
            "shape", f"the shape {word} {more} {'axis' if more == 1 else 'axes'}{' too many' if word == 'has' else ''}"
        )
    else:
        parts = [
            f"{abs(a - b)} {axis_word(quantity, axis)}{'s' * (abs(a - b) > 1)} too {'few' if a < b else 'many'}"
            for axis, (a, b) in enumerate(zip(got, wanted, strict=True))
            if a != b
        ]
        few = quantity != "output" and all(a <= b for a, b in zip(got, wanted, strict=True))
        rest = (
            ": those that no window reaches are dropped, the remainder of the stride"
            if few and quantity == "dx"
            else ""
        )
        yield Guess("shape", f"it has {' and '.join(parts)}{rest}")
