"""Conditions under which the subject is right: they narrow down what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from parity.contract import CHECKS
from parity.diagnosis.symptom import Symptom, passes
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

PLAIN: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "groups": 1}


@dataclass(frozen=True)
class Condition:
    """A condition under which the quantity passes: its key, as in Explanation.vanishes, and the words for it."""

    key: str
    words: str


NORMAL = Condition("regime", "right for normal numbers as input")


def simpler(cell: Cell) -> Iterator[tuple[Condition, Cell]]:
    """Yield simpler cells: normal numbers, one sample, an option at its plain value, a square image, one channel."""
    if cell.regime != "normal":
        yield NORMAL, replace(cell, regime="normal")
    if len(cell.case.x) > 1 and cell.case.x[0] > 1:
        yield Condition("batch", "right for a batch of one alone"), cell.with_x("one", 1, *cell.case.x[1:])
    for name, plain in PLAIN.items():
        if cell.case.options.get(name, plain) not in (plain, (plain, plain)):
            options = dict(cell.case.options) | {name: plain}
            yield Condition(name, f"right with {name} {plain}"), replace(cell, case=replace(cell.case, options=options))
    *front, height, width = (0, 0, *cell.case.x)
    if len(cell.case.x) == 4 and height != width:
        side = max(height, width)
        yield Condition("square", "right for a square image"), cell.with_x("square", *front[2:], side, side)
    yield from one_channel(cell)


def one_channel(cell: Cell) -> Iterator[tuple[Condition, Cell]]:
    """Yield the cell with one channel going in, where the module has channels."""
    options = dict(cell.case.options)
    if options.get("in_channels", 1) > 1 and len(cell.case.x) == 4:
        options |= {"in_channels": 1, "groups": 1}
        case = replace(cell.case, x=(cell.case.x[0], 1, *cell.case.x[2:]), options=options)
        yield Condition("channels", "right for one channel going in"), replace(cell, case=case)


def conditions(symptom: Symptom, base: Trial) -> list[Condition]:
    """Return the conditions under which the quantity passes. `base` is the trial that the check judged."""
    if symptom.quantity == "output" and right_before_backward(symptom.trial):
        words = "right after forward; backward writes over it, or over the input in whose memory it lies"
        return [Condition("untouched", words)]
    if not passes(symptom.trial, symptom.quantity):
        if symptom.trial.cell.case.x != base.cell.case.x and passes(base, symptom.quantity):
            size = symptom.trial.cell.case.x[0]
            return [Condition("batch size", f"right for a batch of {base.cell.case.x[0]}, wrong for one of {size}")]
        candidates = simpler(symptom.trial.cell) if symptom.trial.given is None else ()
        met = [condition for condition, cell in candidates if tells(base.at(cell), symptom.quantity)]
        return [NORMAL] if NORMAL in met else met  # another draw may be right elsewhere for want of the same numbers
    if symptom.trial.cell.case.x != base.cell.case.x:
        return [Condition("first batch", "right only for batches of the size that came first")]
    check = CHECKS.get(base.cell.check)
    if check and check.right_where:
        return [Condition(*check.right_where(base, symptom.trial, symptom.quantity))]
    return [Condition("first call", "right in a first call, wrong in a later one")]


def tells(trial: Trial, quantity: str) -> bool:
    """Return whether the quantity passes where the truth is finite, so that its passing says something."""
    return passes(trial, quantity) and bool(trial.evidence.truth[quantity].isfinite().all())


def right_before_backward(trial: Trial) -> bool:
    """Return whether the output is right until backward is called, and wrong after it."""
    built = trial.build()
    output = built.forward(*trial.inputs())
    before = output.clone()
    built.backward(trial.dy())
    fails = [trial.judge({"output": value})[0].fails for value in (before, output)]
    return fails == [False, True]


def spared(trial: Trial) -> str:
    """Return under which simpler conditions a cell that ended in an error is right; empty if under none."""
    words = [condition.words for condition, cell in simpler(trial.cell) if all_pass(trial.at(cell))]
    return "; ".join(words)


def all_pass(trial: Trial) -> bool:
    """Return whether every quantity passes in a first call; not if the subject, or torch.nn, raises."""
    try:
        return all(one.record.verdict in ("pass", "same-route") for one in trial.verdicts(trial.build()))
    except Exception:
        return False
