"""Conditions under which the subject is right: they narrow down what is wrong."""

from dataclasses import replace
from typing import Any

from parity.diagnosis.symptom import Symptom, observed
from parity.verdict.cell import Cell

PLAIN: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "groups": 1}


def simpler(cell: Cell) -> list[tuple[str, Cell]]:
    """Return simpler cells: a batch of one, an option at its plain value."""
    found = []
    if len(cell.case.x) > 1 and cell.case.x[0] > 1:
        found.append(("for a batch of one", cell.with_x("one", 1, *cell.case.x[1:])))
    for name, plain in PLAIN.items():
        if cell.case.options.get(name, plain) != plain:
            options = dict(cell.case.options) | {name: plain}
            found.append((f"with {name} {plain}", replace(cell, case=replace(cell.case, options=options))))
    return found


def right_if(symptom: Symptom) -> list[str]:
    """Return the simpler conditions under which the quantity passes."""
    found = []
    for words, cell in simpler(symptom.trial.cell):
        trial = symptom.trial.at(cell)
        got = observed(trial)
        if got and all(r.verdict != "fail" for r in trial.judge(got) if r.quantity == symptom.quantity):
            found.append(words)
    return found
