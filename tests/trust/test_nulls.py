"""Subjects that compute nothing: all of them fail, and only the truth excuses them."""

import pytest
import torch

from parity.catalogue import pages
from parity.trust.null_run import EXACT, FAILED, NEARLY, PASSED, TIES, Tally, null_run, outcomes
from parity.trust.nulls import NULLS, Null, Previous, filled
from parity.trust.planted import host
from parity.verdict.cell import Cell

NAMES = {"zeros", "constant", "identity", "copy of the input", "uninitialised memory", "the previous call's result"}


def first(module: str, **coordinates: str) -> Cell:
    return Cell(pages()[module], pages()[module].cases[0], **coordinates)  # type: ignore[arg-type]  # words alone


def null(name: str) -> Null:
    return next(each for each in NULLS if each.name == name)


def test_every_null_is_there() -> None:
    assert {each.name for each in NULLS} | {Previous(host()).name} == NAMES


@pytest.mark.parametrize("module", ["Flatten", "Linear", "NearestUpsampling", "Tensor.mul"])
def test_every_null_fails_in_every_cell(module: str) -> None:
    records = list(null_run(module, 0))
    assert {record.null for record in records} == NAMES
    for record in records:
        assert record.passed == 0, record.first_passed
        assert record.failed + record.coincides == record.cells > 30
        assert record.quantities_failed + record.quantities_coincide > 0.9 * record.quantities


@pytest.mark.parametrize("module", ["BatchNorm1d", "BatchNorm2d"])
def test_every_null_fails_where_there_are_buffers(module: str) -> None:
    records = list(null_run(module, 0, 11))
    assert {record.null for record in records} == NAMES
    assert all(record.cells == record.failed > 0 for record in records)


def test_what_the_truth_tends_to_at_an_infinity_is_an_excuse() -> None:
    page = pages()["BilinearUpsampling"]
    (case,) = (case for case in page.cases if case.name == "scale_factor 1, align_corners True")
    of_quantities = outcomes(Cell(page, case, dtype="float64", regime="not-finite"), null("identity"))
    assert of_quantities["output"] == EXACT  # torch.nn weighs an infinity by 0, the map itself leaves it where it is


def test_the_identity_of_positive_input_is_right_in_relu() -> None:
    assert set(outcomes(first("ReLU", regime="positive"), null("identity")).values()) == {EXACT}
    assert set(outcomes(first("ReLU"), null("identity")).values()) == {FAILED}


def test_ties_excuse_an_answer_that_is_right_elsewhere() -> None:
    of_quantities = outcomes(first("LeakyReLU", regime="photograph"), null("identity"))
    assert of_quantities == {"output": EXACT, "dx": TIES}


@pytest.mark.parametrize(("dtype", "why"), [("bfloat16", NEARLY), ("float16", FAILED)])
def test_want_of_digits_excuses_an_answer_that_is_near_the_truth(dtype: str, why: str) -> None:
    of_quantities = outcomes(first("SELU", regime="positive", dtype=dtype), null("identity"))  # the truth is 1.05 x
    assert set(of_quantities.values()) == {why}


def test_want_of_digits_does_not_excuse_what_only_a_wide_gauge_lets_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = first("Tanhshrink", regime="tiny", dtype="bfloat16")
    assert set(outcomes(cell, null("zeros")).values()) == set(cell.page.degenerate.values())
    monkeypatch.setattr("parity.trust.null_run.why_degenerate", lambda *_: "")
    assert set(outcomes(cell, null("zeros")).values()) == {PASSED}


def test_zeros_are_excused_where_the_plan_says_so() -> None:
    of_quantities = outcomes(first("MSELoss", regime="offset", dtype="bfloat16"), null("zeros"))
    why = "values near 100 are 0.5 apart, as large as the differences between them"
    assert why in of_quantities.values()
    assert set(of_quantities.values()) <= {FAILED, why}


def test_a_right_answer_is_no_null_and_passes() -> None:
    of_quantities = outcomes(first("Tanh"), host())
    assert FAILED not in of_quantities.values()
    assert PASSED in of_quantities.values()


def test_a_cell_that_nothing_fails_and_something_passes_is_counted() -> None:
    tally, cell = Tally(), first("Tanh")
    for of_quantities in ({"output": FAILED, "dx": PASSED}, {"output": PASSED, "dx": EXACT}, {"output": EXACT}):
        tally.add(cell, of_quantities)
    record = tally.record("zeros", "Tanh")
    assert (record.cells, record.failed, record.passed, record.coincides) == (3, 1, 1, 1)
    assert (record.quantities, record.quantities_failed, record.quantities_coincide) == (5, 1, 2)
    assert record.first_passed.endswith(" dx")


def test_filled_repeats_and_cuts() -> None:
    assert filled(torch.Size([2, 3]), torch.tensor([1.0, 2.0])).tolist() == [[1, 2, 1], [2, 1, 2]]
    assert filled(torch.Size([2]), torch.empty(0)).tolist() == [0, 0]
