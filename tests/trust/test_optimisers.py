"""Faults planted in optimisers are found, what does nothing fails, and right rules are not accused."""

from collections import Counter

import pytest

from parity.catalogue.optimisers import optimisers
from parity.stepping import CHECKS, StepTrial
from parity.stepping.course import StepCell
from parity.trust.optimisers.mutants import (
    accused,
    asked,
    of_optimiser,
    step_alarms,
    step_kills,
    step_mutants,
    step_nulls,
)
from parity.trust.optimisers.ruled import RIGHT
from parity.trust.optimisers.rules import RULES

KNOWN = (  # of real libraries
    "Adam/step/corrections-without-the-power",
    "SGD/step/velocity-is-the-gradient's-buffer",
    "SGD/step/velocity-is-the-gradient's-buffer-for-good",
    *(f"{name}/step/decay-after-the-update" for name in RULES),
    *(f"{name}/step/rate-multiplied-into-the-gradient" for name in RULES),
    *(f"{name}/step/first-step-is-plain" for name in RULES),
)


def test_every_optimiser_has_faults_enough_and_some_of_its_own() -> None:
    assert RULES.keys() == optimisers().keys()
    every, own = (Counter(one.module for one in step_mutants().values() if one.own >= least) for least in (False, True))
    assert min(every.values()) >= 30
    assert min(own.values()) >= 10
    assert set(KNOWN) <= step_mutants().keys()


@pytest.mark.parametrize("identity", [*KNOWN, *list(step_mutants())[::12]])
def test_a_fault_is_found(identity: str) -> None:
    mutant = step_mutants()[identity]
    assert any(accused(cell, mutant.subject()) for cell in asked(mutant.module, 0))


@pytest.mark.parametrize("name", optimisers())
def test_a_right_rule_is_not_accused(name: str) -> None:
    page = optimisers()[name]
    for case in (case for case in page.cases if case.widely or case.name in ("two-groups", "falling-rate")):
        for check in CHECKS:
            cell = StepCell(page, case, check)
            assert not [subject.name for subject in RIGHT if accused(cell, subject)], cell


def test_alarms_and_nulls_are_counted_in_numbers() -> None:  # a reader refuses False for 0
    counts = list(step_alarms("SGD", [0], 40))
    assert counts
    assert {type(number) for count in counts for number in (count.runs, count.alarms, count.assert_close_alarms)} == {
        int
    }
    assert {type(null.failed) for null in step_nulls("SGD", 0)} == {int}


def test_what_does_nothing_fails_in_every_cell() -> None:
    for null in step_nulls("SGD", 0):
        assert null.cells == null.failed > 30
        assert not null.passed


def test_a_record_says_by_what_a_mutant_was_found() -> None:
    (first, *_) = step_kills("Adagrad", 0, len(of_optimiser("Adagrad")))
    assert first.killed
    assert first.by.startswith("Adagrad-")
    assert first.killed_by_assert_close


def test_a_case_of_which_standing_still_would_pass_is_said_to_prove_nothing() -> None:
    from dataclasses import replace

    page = optimisers()["SGD"]
    slow = replace(page, plain={"lr": 1e-9})
    (record, *_) = CHECKS["values"].run(StepTrial(StepCell(slow, page.cases[0], dtype="bfloat16"), RIGHT[0]))
    assert record.verdict == "error"
    assert record.detail == "the case proves nothing: standing still would pass"
