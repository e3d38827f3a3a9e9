"""The page and the gate of a trust run, on records made by hand."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from reports.record import Run
from reports.trust import page as trust_page
from reports.trust.gate import complaints
from reports.trust.record import (
    FalseAlarm,
    FalseAlarmRate,
    Localisation,
    MutantRecord,
    NullRecord,
    Sensitivity,
    TrustDemands,
    TrustScope,
)

RUN = Run(
    subject="framework",
    seed=0,
    started="2026-01-01T00:00:00+00:00",
    command="python -m parity trust --full",
    commit="",
    machine={},
    versions={},
    settings={},
)
DEMANDS = TrustDemands(
    least_killed=0.99,
    most_alarms=0.001,
    most_alarms_bound=0.003,
    least_runs=3000,
    least_mutants=300,
    least_of_module=10,
)
SCOPE = TrustScope(full=True, seed=0, catalogued=300, planted=2, of_module={"Linear": 300})
KILLED = MutantRecord(
    id="Linear/dx/sign",
    module="Linear",
    quantity="dx",
    cause="sign",
    scale=1.0,
    killed=True,
    by="Linear-plain-values dx",
    killed_by_assert_close=True,
)
ALIVE = replace(KILLED, id="Linear/output/-0", killed=False, by="", explanation="-0 equals 0")
NULL = NullRecord(
    null="zeros",
    module="Linear",
    cells=10,
    failed=9,
    coincides=1,
    passed=0,
    quantities=40,
    quantities_failed=38,
    quantities_coincide=2,
    reasons=("the derivative at 100 is 4e-44 (2)",),
)
ALARM = FalseAlarm(
    implementation="pairwise",
    module="Linear",
    regime="normal",
    dtype="float32",
    runs=4000,
    alarms=0,
    assert_close_alarms=900,
)
RATE = FalseAlarmRate(
    regime="all",
    runs=4000,
    alarms=0,
    low=0.0,
    high=0.0009,
    assert_close_alarms=900,
    assert_close_low=0.21,
    assert_close_high=0.24,
)
SEEN = Sensitivity(module="Linear", quantity="dx", dtype="float32", elements=35, median=1.6e-6, worst=8.4e-6)
PLACE = Localisation(
    module="Linear",
    quantity="dweight",
    elements=1_000_000,
    off=64.0,
    planted=(136, 44),
    found=(136, 44),
    error=64.1,
    caught=True,
)
AUDIT = {
    "kind": "audit",
    "schema": 1,
    "subject": "framework",
    "module": "Linear",
    "operations": "mm x3",
    "verdict": "independent",
    "detail": "",
}
GOOD = [
    RUN,
    DEMANDS,
    SCOPE,
    *[replace(KILLED, id=f"Linear/dx/{i}") for i in range(199)],
    ALIVE,
    NULL,
    ALARM,
    RATE,
    SEEN,
    PLACE,
]


def records(*held: Any) -> list[dict[str, Any]]:
    return [record if isinstance(record, dict) else asdict(record) for record in held]


def test_a_good_run_is_trusted() -> None:
    assert complaints(records(*GOOD, AUDIT)) == []
    assert "**The verdict can be trusted.**" in trust_page.render(records(*GOOD, AUDIT))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(RUN, complete=False), "INCOMPLETE"),
        (replace(SCOPE, catalogued=299), "must hold 300 mutants"),
        (replace(SCOPE, of_module={"Tanh": 9}), "must hold 10 mutants of Tanh"),
        (replace(SCOPE, explained=("Linear/dx/0",)), "explained as a survivor, but is killed"),
        (replace(ALIVE, explanation=""), "nothing explains it"),
        (replace(ALIVE, scale=1e3), "0 of 1 mutants were killed at cotangent scale 1000"),
        (replace(NULL, passed=1, first_passed="Linear-plain dx"), "null zeros passes 1 cells of Linear"),
        (replace(RATE, alarms=5, high=0.0029), "5 of 4000 runs"),
        (replace(RATE, high=0.0031), "may be up to"),
        (replace(RATE, runs=2999), "are too few"),
        (replace(PLACE, found=(0, 0), caught=False), "was not found there"),
        (replace(SEEN, median=float("inf")), "is not finite"),
        (AUDIT | {"verdict": "void", "detail": "it calls linear"}, "the audit voids Linear"),
    ],
)
def test_what_is_wrong_is_said_and_shown(wrong: Any, words: str) -> None:
    held = records(*GOOD, wrong)
    assert any(words in sentence for sentence in complaints(held))
    assert "**NOT TRUSTED**" in trust_page.render(held)


def test_a_survivor_that_was_not_planted_at_every_scale_is_not_said_to_be_killed_there() -> None:
    explained = replace(SCOPE, explained=("Linear/dx/0",))
    held = records(*(record for record in GOOD if record is not SCOPE), explained, replace(KILLED, scale=1e3))
    assert complaints(held) == []


@pytest.mark.parametrize(
    ("gone", "words"), [(MutantRecord, "no mutant"), (NullRecord, "no null"), (FalseAlarmRate, "no correct")]
)
def test_what_is_missing_is_said(gone: type, words: str) -> None:
    held = records(*(record for record in GOOD if not isinstance(record, gone)))
    assert any(words in sentence for sentence in complaints(held))
    trust_page.render(held)


def test_a_sample_is_not_asked_for_the_bounds_of_a_full_run() -> None:
    sample = [record for record in GOOD if record not in (SCOPE, RATE)]
    held = records(*sample, replace(SCOPE, full=False), replace(RATE, runs=100, high=0.04))
    assert complaints(held) == []
    assert "A sample" in trust_page.render(held)


def test_the_page_shows_both_columns_and_every_table() -> None:
    page = trust_page.render(records(*GOOD, AUDIT))
    for words in (
        "assert_close, dy × 1",
        "199 / 200",
        "-0 equals 0",
        "pairwise",
        "1.60e-06 (8.40e-06)",
        "(136, 44)",
        "mm x3",
    ):
        assert words in page, words


def test_the_page_shows_how_many_faults_a_module_has_of_its_own() -> None:
    scope = replace(SCOPE, of_module={"Linear": 290, "ELU": 30}, specific_of_module={"Linear": 19, "ELU": 0})
    page = trust_page.render(records(*(scope if record is SCOPE else record for record in GOOD)))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    assert ["module", "faults in the catalogue", "own faults"] in rows
    assert ["Linear", "290", "19"] in rows
    assert ["ELU", "30", "0"] in rows


def test_a_record_without_own_faults_is_read() -> None:
    old = asdict(SCOPE)
    del old["specific_of_module"]
    page = trust_page.render([old if record is SCOPE else asdict(record) for record in GOOD])
    assert "own faults" not in page


def test_an_empty_file_is_rendered_and_not_trusted() -> None:
    assert "There is no run record" in trust_page.render([])
    assert complaints([])


def test_a_record_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="record 1 of kind mutant: lacks"):
        trust_page.render([{"kind": "mutant", "schema": 1}])


def test_records_that_do_not_say_what_is_asked_are_not_trusted() -> None:
    assert complaints(records(*(one for one in GOOD if one is not DEMANDS))) == [
        "the records do not say what the run must show"
    ]
