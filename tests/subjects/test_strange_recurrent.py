"""A stranger's LSTM: what is right passes, what is wrong is reported, what it lacks is unsupported and says why."""

from typing import Any

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.diagnosis.minimal.shrink import smallest
from parity.run.first_try import first_try
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.subjects.strange_recurrent import subject_of

PAGE = pages()["LSTM"]
CASES = {case.name: case for case in PAGE.cases}
RIGHT = {"pass", "same-route"}


def found(subject: Any, case: str, check: str = "values") -> tuple[dict[str, str], Exception | None]:
    judged, error = CHECKS[check].judged(Trial(Cell(PAGE, CASES[case], check), subject))
    return {one.record.quantity: one.record.verdict for one in judged}, error


@pytest.mark.parametrize("case", ["plain", "states False", "output-alone", "last-state-alone"])
def test_what_is_right_passes(case: str) -> None:
    verdicts, error = found(subject_of(), case)
    assert error is None
    assert verdicts.keys() >= {"output", "h_n", "c_n", "dx", "dweight_hh_l0"}
    assert set(verdicts.values()) <= RIGHT


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("truncated", {"dx", "dh0", "dc0", "dweight_ih_l0", "dweight_hh_l0", "dbias_ih_l0", "dbias_hh_l0"}),
        ("no slope of tanh", {"dx", "dh0", "dc0", "dweight_ih_l0", "dweight_hh_l0", "dbias_ih_l0", "dbias_hh_l0"}),
        ("no forget gate", {"dx", "dh0", "dc0", "dweight_ih_l0", "dweight_hh_l0", "dbias_ih_l0", "dbias_hh_l0"}),
        ("wrong state", {"dweight_hh_l0"}),
    ],
)
def test_what_is_wrong_is_reported(fault: str, wrong: set[str]) -> None:
    verdicts, error = found(subject_of(fault), "plain")
    assert error is None
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == wrong


def test_a_backward_of_dy_alone_is_judged_where_nothing_else_is_used() -> None:
    verdicts, error = found(subject_of(alone=True), "output-alone")
    assert error is None
    assert set(verdicts.values()) <= RIGHT
    verdicts, error = found(subject_of("wrong state", alone=True), "output-alone")
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {"dweight_hh_l0"}


def test_what_it_lacks_is_unsupported_and_says_why() -> None:
    verdicts, error = found(subject_of(alone=True), "states False")
    assert {name for name, verdict in verdicts.items() if verdict in RIGHT} == {"output", "h_n", "c_n"}
    assert isinstance(error, Unsupported)
    assert str(error) == "backward takes the cotangent of the output alone"
    _, error = found(subject_of(alone=True), "plain")
    assert str(error) == "the LSTM of the library takes no h0"
    _, error = found(subject_of(), "num_layers 2")
    assert str(error) == "the LSTM of strange has no num_layers=2"


def test_its_adapter_is_not_taken_for_wrong() -> None:
    assert first_try(subject_of(), PAGE).whose == ""
    assert first_try(subject_of(alone=True), PAGE).said == "the LSTM of the library takes no h0"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("truncated", "what h of a moment hands back to the one before is left out"),
        ("no forget gate", "the derivative by the forget gate f is left out"),
        ("wrong state", "weight_hh meets the h after the moment in place of the h before it"),
    ],
)
def test_what_is_wrong_is_named(fault: str, words: str) -> None:
    trial = Trial(Cell(PAGE, CASES["plain"], "values", dtype="float64"), subject_of(fault))
    judged, _ = CHECKS["values"].judged(trial)
    (found,) = [one for one in explain(trial, judged) if one.quantity == "dweight_hh_l0"]
    assert found.diagnosis.startswith(words)


def test_the_smallest_case_is_of_one_number_everywhere() -> None:
    trial = Trial(Cell(PAGE, CASES["plain"], "values", dtype="float64"), subject_of("wrong state"))
    case = smallest(trial, "dweight_hh_l0").cell.case
    assert case.x == (1, 1, 1)
    assert dict(case.others) == {"h0": (1, 1, 1), "c0": (1, 1, 1)}
