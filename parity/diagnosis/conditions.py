"""Conditions under which the subject is right: they narrow down what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from parity.contract.numbers.layouts import LAYOUTS
from parity.diagnosis.symptom import Symptom, fresh, passes
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial, gradients

PLAIN: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "groups": 1}
LONE = ("strided", "transposed", "channels-last", "offset")


@dataclass(frozen=True)
class Condition:
    """A condition under which the quantity passes: its key, as in Explanation.vanishes, and the words for it."""

    key: str
    words: str


def simpler(cell: Cell) -> Iterator[tuple[Condition, Cell]]:
    """Yield simpler cells: a batch of one, an option at its plain value, one channel."""
    if len(cell.case.x) > 1 and cell.case.x[0] > 1:
        yield Condition("batch", "right for a batch of one alone"), cell.with_x("one", 1, *cell.case.x[1:])
    for name, plain in PLAIN.items():
        if cell.case.options.get(name, plain) not in (plain, (plain, plain)):
            options = dict(cell.case.options) | {name: plain}
            yield Condition(name, f"right with {name} {plain}"), replace(cell, case=replace(cell.case, options=options))
    if cell.regime != "normal":
        yield Condition("regime", "right for normal numbers as input"), replace(cell, regime="normal")
    yield from one_channel(cell)


def one_channel(cell: Cell) -> Iterator[tuple[Condition, Cell]]:
    """Yield the cell with one channel going in, where the module has channels."""
    options = dict(cell.case.options)
    if options.get("in_channels", 1) > 1 and len(cell.case.x) == 4:
        options |= {"in_channels": 1, "groups": 1}
        case = replace(cell.case, x=(cell.case.x[0], 1, *cell.case.x[2:]), options=options)
        yield Condition("channels", "right for one channel going in"), replace(cell, case=case)


def conditions(symptom: Symptom, base: Trial) -> list[Condition]:
    """Return the conditions under which the quantity passes. `base` is the trial that the check was put to."""
    if symptom.quantity == "output" and right_before_backward(symptom.trial):
        words = "right after forward; backward writes over it, or over the input in whose memory it lies"
        return [Condition("untouched", words)]
    if not passes(symptom.trial, symptom.quantity):
        if symptom.trial.cell.case.x != base.cell.case.x and passes(base, symptom.quantity):
            size = symptom.trial.cell.case.x[0]
            return [Condition("batch size", f"right for a batch of {base.cell.case.x[0]}, wrong for one of {size}")]
        found = simpler(symptom.trial.cell) if symptom.trial.given is None else ()
        return [condition for condition, cell in found if tells(fresh(base.at(cell)), symptom.quantity)]
    if symptom.trial.cell.case.x != base.cell.case.x:
        return [Condition("first batch", "right only for batches of the size that came first")]
    if base.cell.check == "layouts":
        return layouts(symptom, base)
    return [Condition("first call", "right in a first call, wrong in a later one")]


def tells(trial: Trial, quantity: str) -> bool:
    """Return whether the quantity passes where the truth is finite, so that it tells something that it does."""
    return passes(trial, quantity) and bool(trial.evidence.truth[quantity].isfinite().all())


def right_before_backward(trial: Trial) -> bool:
    """Return whether the output is right until backward is called, and wrong after it."""
    alone, built = fresh(trial), trial.build()
    output = built.forward(*alone.inputs())
    before = output.clone()
    built.backward(alone.dy())
    verdicts = [alone.judge({"output": value})[0].verdict for value in (before, output)]
    return verdicts[0] != "fail" and verdicts[1] == "fail"


def layouts(symptom: Symptom, base: Trial) -> list[Condition]:
    """Return which tensor must be contiguous for the quantity to be right."""
    if symptom.trial.given is not None:
        return [Condition("contiguous", "right for tensors that fill their memory, wrong for an expanded x")]
    of_x = [name for name in LONE if not right_in_layout(base, symptom.quantity, name, "")]
    of_dy = [name for name in LONE if not right_in_layout(base, symptom.quantity, "", name)]
    said = [f"{', '.join(names)} {tensor}" for names, tensor in ((of_x, "x"), (of_dy, "dy")) if names]
    return [Condition("contiguous", f"right for contiguous tensors, wrong for {' and '.join(said) or 'others'}")]


def right_in_layout(base: Trial, quantity: str, of_x: str, of_dy: str) -> bool:
    """Return whether the quantity passes with x and dy laid out so; an empty name is contiguous."""
    trial = fresh(base)
    built, dy = trial.build(), trial.dy()
    given = [LAYOUTS[of_x](value) if of_x else value for value in trial.inputs()]
    output = built.forward(*given)
    dx = built.backward(LAYOUTS[of_dy](dy) if of_dy and dy is not None else dy)
    judged = trial.judge({"output": output, "dx": dx} | gradients(built))
    return all(record.verdict != "fail" for record in judged if record.quantity == quantity)
