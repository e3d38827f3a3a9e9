"""Conditions under which the subject is right: they narrow down what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from torch import Tensor

from parity.catalogue.taken import by_torch
from parity.contract import CHECKS
from parity.diagnosis.symptom import Symptom, passes
from parity.verdict.cell import Cell
from parity.verdict.compare import kinds
from parity.verdict.trial import Trial

PLAIN: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "groups": 1, "scale_factor": 1}
PLAIN |= {"num_heads": 1, "num_groups": 1}
EXTENTS = ("in_channels", "out_channels", "in_features", "out_features", "kernel_size")
WINDOWS = ("kernel_size", "output_size", "scale_factor")
MOST_EQUAL = 64  # channels or features that are made as many as go in: more take too long
FEW, MANY = 3, 100  # wrong elements, and elements, where another draw may be right by chance
AS_LARGE = 0.5  # of the largest input, that one must be at least for a pass to say that size does not matter


@dataclass(frozen=True)
class Condition:
    """A condition under which the quantity passes: its key, as in Explanation.vanishes, and the words for it.

    leads  whether it is told before an explanation that tells much
    """

    key: str
    words: str
    leads: bool = True


Simpler = tuple[Condition, Cell]
NORMAL = Condition("regime", "right for normal numbers as input", leads=False)


def changed(cell: Cell, **options: Any) -> Cell:
    """Return the cell with options changed."""
    return replace(cell, case=replace(cell.case, options=dict(cell.case.options) | options))


def simpler(cell: Cell) -> Iterator[Simpler]:
    """Yield simpler cells: normal numbers, one sample, an option at its plain value, a square image, one channel ..."""
    if cell.regime != "normal":
        yield NORMAL, replace(cell, regime="normal")
    if len(cell.case.x) > 1 and cell.case.x[0] > 1:
        words = f"right for {cell.page.first_axis} of one alone"
        yield Condition("batch", words, leads=False), cell.with_x("one", 1, *cell.case.x[1:])
    yield from plain_options(cell)
    *front, height, width = (0, 0, *cell.case.x)
    if len(cell.case.x) == 4 and height != width:
        side = max(height, width)
        yield Condition("square", "right for a square image"), cell.with_x("square", *front[2:], side, side)
    yield from one_channel(cell)
    yield from equal_extents(cell)
    yield from divisible(cell)
    yield from other_shapes(cell)
    if cell.dtype != "float32":
        words = f"right in float32, wrong in {cell.dtype}"
        yield Condition("dtype", words, leads=False), replace(cell, dtype="float32")


def plain_options(cell: Cell) -> Iterator[Simpler]:
    """Yield the cell with each option at its plain value, and with one number for both directions."""
    options, defaults = cell.case.options, left_out(cell)
    for name, value in options.items():
        if not isinstance(value, (bool, int, float, str, tuple)):
            continue
        plain = PLAIN.get(name, defaults.get(name))
        if name in EXTENTS or plain is None or value in (plain, (plain, plain)):
            continue
        beside = {"output_padding": 0} if name == "stride" and options.get("output_padding") else {}
        words = f"right with {name} {plain}"
        yield Condition(name, words, leads=False), changed(cell, **{name: plain}, **beside)
        if unequal(value):
            words = f"right with the same {name} in both directions"
            yield Condition(f"equal {name}", words, leads=False), changed(cell, **{name: max(value)})


def left_out(cell: Cell) -> dict[str, Any]:
    """Return the values that torch gives the options that are left out, by name; none of a function of an operator."""
    reference = cell.page.reference
    return by_torch(reference) if isinstance(reference, type) else {}


def one_channel(cell: Cell) -> Iterator[Simpler]:
    """Yield the cell with one channel going in, or coming out; of windows over an image without weights, with one."""
    options, x = cell.case.options, cell.case.x
    if len(x) == 4 and x[1] > 1 and "in_channels" not in options and not options.keys().isdisjoint(WINDOWS):
        yield Condition("channels", "right for one channel"), cell.with_x("one-channel", x[0], 1, *x[2:])
    if options.get("in_channels", 1) > 1 and len(x) == 4:
        case = replace(cell.case, x=(x[0], 1, *x[2:]), options=dict(options) | {"in_channels": 1, "groups": 1})
        yield Condition("channels", "right for one channel going in"), replace(cell, case=case)
    if options.get("out_channels", 1) > 1 and options.get("groups", 1) == 1:
        words = "right for one channel coming out"
        yield Condition("out channels", words, leads=False), changed(cell, out_channels=1)


def equal_extents(cell: Cell) -> Iterator[Simpler]:
    """Yield the cell with a square kernel, with as many features or channels coming out as going in."""
    options = cell.case.options
    kernel = options.get("kernel_size")
    if unequal(kernel):
        yield (
            Condition("square kernel", "right for a square kernel", leads=False),
            changed(cell, kernel_size=max(kernel)),
        )
    for noun in ("features", "channels"):
        going, coming = options.get(f"in_{noun}"), options.get(f"out_{noun}")
        if going and coming and coming != going <= MOST_EQUAL:
            words = f"right for as many {noun} coming out as going in"
            yield Condition(f"equal {noun}", words, leads=False), changed(cell, **{f"out_{noun}": going})


def divisible(cell: Cell) -> Iterator[Simpler]:
    """Yield the cell of an image that the stride divides without a remainder, where it leaves one."""
    options, x = cell.case.options, cell.case.x
    if (
        len(x) != 4
        or "kernel_size" not in options
        or "output_padding" in left_out(cell)
        or not padded_by_number(options)
    ):
        return
    kernel, stride = pair(options["kernel_size"]), pair(options.get("stride", 1))
    padding, dilation = pair(options.get("padding", 0)), pair(options.get("dilation", 1))
    scale = pair(options.get("scale_factor", 1))
    image = list(x[2:])
    for axis in (0, 1):
        while over(image[axis] * scale[axis], kernel[axis], stride[axis], padding[axis], dilation[axis]):
            image[axis] += 1
            if image[axis] > x[2 + axis] + stride[axis]:
                return
    if tuple(image) != x[2:]:
        words = "right where the stride divides the padded extent, wrong where it leaves a remainder"
        yield Condition("remainder", words), cell.with_x("divided", *x[:2], *image)


def over(extent: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return how many rows no window reaches."""
    return (extent + 2 * padding - dilation * (kernel - 1) - 1) % stride


def other_shapes(cell: Cell) -> Iterator[Simpler]:
    """Yield the cell of two classes, and that of an input of two axes."""
    x, target = cell.case.x, cell.case.target
    if target == "classes" and len(x) > 1 and x[1] != 2:
        yield Condition("two classes", "right for two classes", leads=False), cell.with_x("two", x[0], 2, *x[2:])
    if len(x) != 2 and x and "in_features" in cell.case.options:
        words = "right for an input of two axes"
        yield Condition("axes", words, leads=False), cell.with_x("rows", *(x[0] if len(x) > 1 else 3, x[-1]))


def unequal(value: Any) -> TypeGuard[tuple[int, int]]:
    """Whether an option is a pair of two unequal numbers."""
    two = isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, int) for one in value)
    return two and value[0] != value[1]


def pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def padded_by_number(options: Mapping[str, Any]) -> bool:
    """Return whether padding is so many pixels, not a word such as "same"."""
    return not isinstance(options.get("padding"), str)


def conditions(symptom: Symptom, base: Trial, asked: frozenset[str] | None = None) -> list[Condition]:
    """Return the conditions under which the quantity passes. `base` is the trial that the check judged.

    Where a first call fails too, only the conditions of the keys `asked` are tried, if given.
    """
    if symptom.quantity == symptom.trial.signature.output and right_before_backward(symptom.trial):
        words = "right after forward; backward writes over it, or over the input in whose memory it lies"
        return [Condition("untouched", words)]
    if not passes(symptom.trial, symptom.quantity):
        if symptom.trial.cell.case.x != base.cell.case.x and passes(base, symptom.quantity):
            size = symptom.trial.cell.case.x[0]
            return [Condition("batch size", f"right for a batch of {base.cell.case.x[0]}, wrong for one of {size}")]
        candidates = simpler(symptom.trial.cell) if symptom.trial.given is None else ()
        wanted = ((one, cell) for one, cell in candidates if asked is None or one.key in asked)
        met = [condition for condition, cell in wanted if holds(condition, cell, symptom, base)]
        return [NORMAL] if NORMAL in met else narrowed(met)  # elsewhere the numbers that are wrong may be lacking
    if symptom.trial.cell.case.x != base.cell.case.x:
        return [Condition("first batch", "right only for batches of the size that came first")]
    check = CHECKS.get(base.cell.check)
    if check and check.right_where:
        return [Condition(*check.right_where(base, symptom.trial, symptom.quantity))]
    if symptom.trial.given is not None or base.cell != symptom.trial.cell:
        return []  # a draw of its own, or another cell: it was no later call that made it fail
    return [Condition("first call", "right in a first call, wrong in a later one")]


# A condition that holds where another does already says nothing more.
IMPLIED = {
    "channels": ("groups",),
    "stride": ("output_padding",),
    "equal channels": ("groups", "channels", "out channels"),
}


def narrowed(met: list[Condition]) -> list[Condition]:
    """Return the conditions without those that another one implies; the remainder of a stride says more than it."""
    keys = {one.key for one in met}
    if "remainder" in keys:
        keys -= {"stride", "square", "equal stride"}
    also = {key for key, by in IMPLIED.items() if keys & set(by)}
    also |= {f"equal {key}" for key in keys}
    return [one for one in met if one.key in keys - also]


def holds(condition: Condition, cell: Cell, symptom: Symptom, base: Trial) -> bool:
    """Return whether the quantity passes under a condition, and its passing says something."""
    there = base.at(cell)
    sample = one_sample(symptom, cell, base) if condition.key == "batch" else None
    if sample is None and condition != NORMAL and is_rare(symptom):
        return False
    there = sample or there
    try:
        alike = condition in (NORMAL,) or same_regime(symptom, there.drawn.x)
    except Exception:  # torch.nn has no such cell
        return False
    return alike and tells(there, symptom.quantity) and is_asked(symptom, there)


def is_rare(symptom: Symptom) -> bool:
    """Return whether so few elements of many are wrong that another draw may be right by chance."""
    return symptom.truth.numel() > MANY and int(symptom.wrong.sum()) < FEW


def is_asked(symptom: Symptom, there: Trial) -> bool:
    """Return whether something other than zeros is wanted, under a condition, of the elements that are wrong."""
    truth = there.evidence.truth[symptom.quantity]
    return (
        truth.shape != symptom.truth.shape or bool(truth[symptom.wrong].any()) or not symptom.truth[symptom.wrong].any()
    )


def one_sample(symptom: Symptom, cell: Cell, base: Trial) -> Trial | None:
    """Return the trial of the worst sample alone, of the same numbers; None where what failed has no samples."""
    drawn, wrong = symptom.drawn, symptom.wrong
    size = len(drawn.x)
    if symptom.trial.cell.case.others or any(value is None or value.shape[:1] != (size,) for value in drawn.inputs):
        return None
    at = int(wrong.flatten(1).sum(1).argmax()) if wrong.dim() > 1 and len(wrong) == size else 0
    dy = drawn.dy
    if dy is not None and dy.dim():
        if len(dy) != size:
            return None
        dy = dy[at : at + 1]
    given = replace(drawn, inputs=tuple(value[at : at + 1] for value in drawn.inputs), dy=dy)
    return replace(base.at(cell), given=given)


def same_regime(symptom: Symptom, there: Tensor) -> bool:
    """Return whether inputs are as large, and as special, as those of the failure, where that may be what is wrong."""
    here = symptom.drawn.x
    if symptom.trial.cell.regime == "normal" and not symptom.special:
        return True
    large = largest(there) >= AS_LARGE * largest(here)
    return large and set(kinds(here).flatten().tolist()) <= set(kinds(there).flatten().tolist())


def largest(value: Tensor) -> float:
    finite = value.double()[value.isfinite()].abs()
    return float(finite.max()) if finite.numel() else 0.0


def tells(trial: Trial, quantity: str) -> bool:
    """Return whether the quantity passes where the truth is finite, so that its passing says something."""
    if not passes(trial, quantity):
        return False
    truth = trial.evidence.truth[quantity]
    return truth.numel() > 0 and bool(truth.isfinite().all())


def right_before_backward(trial: Trial) -> bool:
    """Return whether the output is right until backward is called, and wrong after it."""
    built = trial.build()
    outputs, name = trial.forward(built, trial.inputs()), trial.signature.output
    before = outputs[name].clone()
    built.backward(*trial.cotangents())
    fails = [trial.judge({name: value})[0].fails for value in (before, outputs[name])]
    return fails == [False, True]
