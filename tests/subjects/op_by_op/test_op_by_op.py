"""Textbook formulas, every operation rounded, are right where they hold; where an exponential overflows it is said."""

from dataclasses import replace

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis.explain import explain
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity
from tests.subjects.op_by_op.activations import HASTY, TEXTBOOK, library

textbook, hasty = library("textbook", TEXTBOOK), library("hasty", HASTY)
HELD = {"float32": ("normal", "tiny", "huge", "special", "not-finite"), "float16": ("normal", "tiny")}


def asked(module: str) -> list[Cell]:
    planned = cells(pages()[module], [CHECKS["values"]], ["cpu"], 0)
    wide = [cell for cell in planned if cell.case.widely and cell.cotangent == 1]
    return [cell for cell in wide if cell.regime in HELD.get(cell.dtype, ())]


@pytest.mark.parametrize("module", TEXTBOOK)
def test_a_textbook_formula_is_not_accused(module: str) -> None:
    found = asked(module)
    assert found
    wrong = [one for cell in found for one in CHECKS["values"].records(Trial(cell, textbook))]
    assert [(str(one), one.detail) for one in wrong if one.verdict not in ("pass", "same-route")] == []


def explained(trial: Trial) -> dict[str, Parity]:
    judged, error = CHECKS["values"].judged(trial)
    assert error is None
    return {one.quantity: one for one in explain(trial, judged)}


def at(module: str, dtype: str, regime: str) -> Cell:
    return replace(next(cell for cell in asked(module)), dtype=dtype, regime=regime)


@pytest.mark.parametrize("module", ["ELU", "SELU", "LogSigmoid", "Mish", "SiLU", "Sigmoid", "Softplus", "Tanh"])
def test_a_hasty_formula_fails_for_its_overflow(module: str) -> None:
    records = explained(Trial(at(module, "float32", "huge"), hasty))
    assert records["output"].verdict == "fail"
    assert "exp overflows above 88.7" in records["output"].diagnosis


@pytest.mark.parametrize(
    ("module", "of"), [("Sigmoid", "-x"), ("SiLU", "-x"), ("Softplus", "2 x"), ("LogSigmoid", "x"), ("Mish", "-x")]
)
def test_what_float16_cannot_hold_is_called_an_overflow(module: str, of: str) -> None:
    records = explained(Trial(at(module, "float16", "heavy-tailed"), textbook)).values()
    said = [one.diagnosis for one in records if one.verdict == "fail"]
    assert said
    assert f"exp overflows above 11.1: exp({of}) is taken" in said[0]
