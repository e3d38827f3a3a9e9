"""What a quantity of the wrong structure looks like: its shape, its dtype, or that there is none."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import combinations, permutations
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.images.windows import right_map, variants
from parity.diagnosis.conditions import PLAIN, left_out, narrowed, padded_by_number, pair, simpler, unequal
from parity.diagnosis.history import Met, history
from parity.diagnosis.hypotheses.options import read_in_another_order
from parity.diagnosis.hypotheses.places import axis_word
from parity.diagnosis.search import Guess
from parity.diagnosis.symptom import Symptom, passes
from parity.verdict.trial import Trial
from reports.text import counted, generic

CLOSE = 1e-3  # relative, of numbers of another shape: it tells one explanation from another, and judges nothing
EMPTY = "an axis is left without elements, as by a slice from k to -k where k is 0: a padding of 0, a kernel of 1"
NO_ELEMENTS = re.compile(r"\(((\d+, ?)*0(, ?\d+)*),?\)|\[(\d+, ?)*0(, ?\d+)*\]")  # a shape, in an exception's words
MOST_AXES = 5  # of a shape whose axes are put in another order


def of_structure(trial: Trial, quantity: str) -> list[Guess]:
    """Return what a quantity that has the wrong type, shape or dtype looks like; empty where nothing can be told.

    Where the last failures all look alike, the conditions under which there is none are not asked for again.
    """
    known = history(trial, f"structure of {quantity}")
    guesses = looked_at(trial, quantity)
    words, settled = generic(guesses[0].words) if guesses else "", known.settled
    if settled is not None and settled.words == words:
        return guesses
    met = right_where(trial, quantity)
    known.last.append(Met(frozenset(), words, frozenset(guess.kind for guess in met)))
    return [*guesses, *met]


def looked_at(trial: Trial, quantity: str) -> list[Guess]:
    """Return what the structure of a quantity looks like by itself."""
    try:
        got = trial.read(trial.build()).get(quantity)
        truth = trial.evidence.truth[quantity]
        if not isinstance(got, Tensor):
            return list(of_none(got, quantity))
        if got.shape == truth.shape:
            return list(of_dtype(got, trial))
        value = got.detach().cpu().double()
        if 0 in got.shape and truth.numel():
            return [Guess("empty slice", EMPTY)]
        options = list(of_options(value, trial, quantity))
        right = [guess for guess in options if guess.kind == "option ignored"]
        guesses = [*right, *of_values(value, truth, quantity), *of_maps(value, trial, quantity)] or options
        return list(dict.fromkeys(guesses or of_extents(got.shape, truth.shape, quantity)))
    except Exception:  # the subject's own, in a further run; the verdict on the first stands
        return []


def of_exception(words: str, trial: Trial) -> str:
    """Return what the words of an exception look like; empty where nothing can be told."""
    drawn = (*trial.drawn.inputs, *trial.drawn.parameters.values())
    return EMPTY if NO_ELEMENTS.search(words) and all(value is None or value.numel() for value in drawn) else ""


def right_where(trial: Trial, quantity: str) -> list[Guess]:
    """Return under which simpler conditions the quantity is right."""
    met = [one for one, cell in simpler(trial.cell) if passes(trial.at(cell), quantity)]
    return [Guess(f"right if {one.key}", one.words) for one in narrowed(met)]


def of_none(got: Any, quantity: str) -> Iterator[Guess]:
    """Yield what a quantity that is no tensor looks like."""
    if got is None:
        where = "forward" if quantity == "output" else "backward"
        what = "returns nothing" if quantity in ("output", "dx") else f"leaves no {quantity}"
        yield Guess("none", f"{where} {what}: it is None")
    elif isinstance(got, (int, float)):
        yield Guess("shape", "it is a number in place of a tensor")


def of_dtype(got: Tensor, trial: Trial) -> Iterator[Guess]:
    """Yield what a quantity of another dtype looks like."""
    asked, name = trial.cell.torch_dtype, str(got.dtype).removeprefix("torch.")
    if got.dtype == asked:
        return
    if not got.is_floating_point():
        yield Guess("dtype", f"the numbers are made integers, {name}")
    elif torch.finfo(got.dtype).bits > torch.finfo(asked).bits:
        yield Guess("dtype", f"it comes out in {name} whatever goes in: it is not cast back to the dtype of the input")
    else:
        yield Guess("dtype", f"it comes out in {name} whatever goes in: the module computes in fewer digits")


def of_values(got: Tensor, truth: Tensor, quantity: str) -> Iterator[Guess]:
    """Yield how numbers of another shape come from the right ones."""
    if got.numel() == truth.numel():
        yield from of_order(got, truth)
    for axes in subsets(got.dim()):
        for word, value in (("summed", got.sum(axes)), ("averaged", got.mean(axes))):
            if same(value, truth):
                yield Guess("sum missing", f"it is not {word} over {' and '.join(f'axis {axis}' for axis in axes)}")
    for axes in subsets(truth.dim()):
        where = "every axis" if len(axes) == truth.dim() > 1 else " and ".join(axis_word(quantity, a) for a in axes)
        for keep in (False, True):
            if same(truth.sum(axes, keepdim=keep), got):
                yield Guess("summed too far", f"it is summed over {where}, too")
            elif same(truth.mean(axes, keepdim=keep), got):
                yield Guess("summed too far", f"it is the mean over {where}")


def subsets(dim: int) -> Iterator[tuple[int, ...]]:
    """Yield every choice of axes, but none."""
    for size in range(1, dim + 1):
        yield from combinations(range(dim), size)


def of_order(got: Tensor, truth: Tensor) -> Iterator[Guess]:
    """Yield how as many numbers stand in another shape."""
    alike = same(got.reshape(truth.shape), truth)
    right = ": the numbers are right" if alike else ""
    if [extent for extent in got.shape if extent != 1] == [extent for extent in truth.shape if extent != 1]:
        by_axes = {1: "has an axis of extent 1 too many", 0: "has its axis of extent 1 elsewhere"}
        word = by_axes.get(min(1, got.dim() - truth.dim()), "lacks an axis of extent 1")
        yield Guess("shape", f"the shape {word}, {tuple(got.shape)} for {tuple(truth.shape)}{right}")
        return
    if got.dim() == truth.dim() <= MOST_AXES:
        for order in permutations(range(truth.dim())):
            if same(truth.permute(order), got):
                turned = "it is transposed" if truth.dim() == 2 else f"it is transposed, its axes in the order {order}"
                yield Guess("transposed", f"{turned}: the numbers are right")
                return
    if got.dim() == 1 and truth.dim() > 1:
        yield Guess("shape", f"it is flattened to one axis{right}")
    elif alike:
        yield Guess("shape", "the numbers are right and in the right order, in another shape")
    elif sorted(got.shape) == sorted(truth.shape):
        yield Guess("transposed", "the shape is that of the transpose")


def same(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors have one shape and nearly the same numbers."""
    if a.shape != b.shape or not a.numel():
        return False
    size = float(b.nan_to_num(0.0, 0.0, 0.0).abs().max())
    return torch.allclose(a, b, rtol=CLOSE, atol=CLOSE * size, equal_nan=True)


def of_maps(got: Tensor, trial: Trial, quantity: str) -> Iterator[Guess]:
    """Yield which wrong map with a kernel gives these numbers in this shape."""
    found = right_map(Symptom(trial, quantity, got, trial.evidence.truth[quantity])) if quantity == "output" else None
    if found is None:
        return
    right, asked = found
    parameters = {name: value.double() for name, value in trial.drawn.parameters.items()}
    for kind, words, function, _ in variants(right, asked):
        with suppress(RuntimeError, ValueError):
            if same(function(trial.drawn.x.double(), parameters, asked), got):
                yield Guess(kind, words)


def of_options(got: Tensor, trial: Trial, quantity: str) -> Iterator[Guess]:
    """Yield under which other options the output of torch.nn has this shape, and whether it has these numbers."""
    if quantity != "output":
        return
    cell = trial.cell
    given = [value.double() if value.is_floating_point() else value for value in trial.drawn.inputs]
    parameters = {name: value.double() for name, value in trial.drawn.parameters.items()}
    alike = []
    for words, options in others(left_out(cell) | dict(cell.case.options)):
        with suppress(RuntimeError, ValueError, TypeError, IndexError), torch.no_grad():
            module = cell.page.reference(**(dict(cell.case.options) | options)).double()
            of_other = torch.func.functional_call(module, parameters, tuple(given))
            if of_other.shape == got.shape:
                alike.append((words, same(of_other, got)))
    right = [Guess("option ignored", words) for words, fits in alike if fits]
    shapes = [Guess("option shape", f"the shape is as if {words}, the numbers are not") for words, _ in alike]
    rounded_up = of_ceiling(got.shape, trial)
    yield from right or ([Guess("shape", rounded_up)] if rounded_up else shapes)


def of_ceiling(shape: torch.Size, trial: Trial) -> str:
    """Return that extents are rounded up where the stride leaves a remainder, or leave out the kernel; else empty."""
    options, x = left_out(trial.cell) | dict(trial.cell.case.options), trial.cell.case.x
    if len(x) != 4 or len(shape) != 4 or "kernel_size" not in options or "output_padding" in options:
        return ""
    if not padded_by_number(options):
        return ""
    kernel = pair(options["kernel_size"])
    stride = kernel if options.get("stride", 1) is None else pair(options.get("stride", 1))
    padding, dilation = pair(options.get("padding", 0)), pair(options.get("dilation", 1))
    scale = pair(options.get("scale_factor", 1))
    reach = [x[2 + at] * scale[at] + 2 * padding[at] - dilation[at] * (kernel[at] - 1) - 1 for at in (0, 1)]
    rounded_up = [-(-reach[at] // stride[at]) + 1 for at in (0, 1)]
    down = [reach[at] // stride[at] + 1 for at in (0, 1)]
    words = "the remainder of the stride gets a window of its own: the extent is rounded up in place of down"
    if list(shape[2:]) == [x[2 + at] // stride[at] for at in (0, 1)] != down:
        return "the extent is divided by the stride as it is: kernel and padding are left out of account"
    return words if list(shape[2:]) == rounded_up != down else ""


def others(options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield other options, each with its words."""
    for name, plain in PLAIN.items():
        value = options.get(name)
        if name == "stride" and value is None and name in options:
            yield "a stride that is not given is 1, not the extent of the kernel", {name: plain}
        if name != "groups" and value is not None and value not in (plain, (plain, plain)):
            beside = {"output_padding": 0} if name == "stride" and options.get("output_padding") else {}
            yield f"the option {name} is ignored", {name: plain, **beside}
    for name, value in options.items():
        if name != "kernel_size" and unequal(value):
            yield f"height and width of {name} are swapped", {name: value[::-1]}
            for at, word in ((0, "first"), (1, "second")):
                yield f"the {word} number of {name} is used for both directions", {name: (value[at], value[at])}
        for said, reordered in read_in_another_order(name, value):
            yield said, {name: reordered}
    for other in ("none", "mean", "sum") if "reduction" in options else ():
        if other != options["reduction"]:
            yield f"the option reduction is taken as {other!r}", {"reduction": other}
    if {"stride", "dilation"} <= set(options) and options["stride"] != options["dilation"]:
        yield "stride and dilation are swapped", {"stride": options["dilation"], "dilation": options["stride"]}


def of_extents(got: torch.Size, wanted: torch.Size, quantity: str) -> Iterator[Guess]:
    """Yield what differs between two shapes, where nothing says why."""
    if not got:
        yield Guess("shape", "it is one number: summed, or averaged, over every axis")
    elif len(got) != len(wanted):
        more = len(got) - len(wanted)
        verb, tail = ("has", " too many") if more > 0 else ("lacks", "")
        yield Guess("shape", f"the shape {verb} {abs(more)} {'axis' if abs(more) == 1 else 'axes'}{tail}")
    else:
        apart = [(axis, a - b) for axis, (a, b) in enumerate(zip(got, wanted, strict=True)) if a != b]
        parts = [
            f"{counted(abs(by), axis_word(quantity, axis))} too {'few' if by < 0 else 'many'}" for axis, by in apart
        ]
        dropped = quantity == "dx" and all(by < 0 for _, by in apart)
        rest = ": those that no window reaches are dropped, the remainder of the stride" if dropped else ""
        yield Guess("shape", f"it has {' and '.join(parts)}{rest}")
