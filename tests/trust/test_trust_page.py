"""The page and the gate of a trust run, on records made by hand."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from reports.record import Run
from reports.trust import page as trust_page
from reports.trust.gate import complaints
from reports.trust.record import FalseAlarm, Localisation, Mutant, Null, Rate, Scope, Sensitivity

RUN = Run("framework", 0, "2026-01-01T00:00:00+00:00", "python -m parity trust --full", "", {}, {}, {})
SCOPE = Scope(full=True, seed=0, catalogued=300, planted=2, of_module={"Linear": 300})
KILLED = Mutant("Linear/dx/sign", "Linear", "dx", "sign", 1.0, True, "Linear-plain-values dx", True)
ALIVE = replace(KILLED, id="Linear/output/-0", killed=False, by="", explanation="-0 equals 0")
NULL = Null("zeros", "Linear", 10, 9, 1, 0, 40, 38, 2, ("the derivative at 100 is 4e-44 (2)",))
ALARM = FalseAlarm("pairwise", "Linear", "normal", "float32", 4000, 0, 900)
RATE = Rate("all", 4000, 0, 0.0, 0.0009, 900, 0.21, 0.24)
SEEN = Sensitivity("Linear", "dx", "float32", 35, 1.6e-6, 8.4e-6)
PLACE = Localisation("Linear", "dweight", 1_000_000, 64.0, (136, 44), (136, 44), 64.1, True)
AUDIT = {
    "kind": "audit",
    "schema": 1,
    "subject": "framework",
    "module": "Linear",
    "operations": "mm x3",
    "verdict": "independent",
    "detail": "",
}
GOOD = [RUN, SCOPE, *[replace(KILLED, id=f"Linear/dx/{i}") for i in range(98)], ALIVE, NULL, ALARM, RATE, SEEN, PLACE]


def records(*held: Any) -> list[dict[str, Any]]:
    return [record if isinstance(record, dict) else asdict(record) for record in held]


def test_a_good_run_is_trusted() -> None:
    assert complaints(records(*GOOD, AUDIT)) == []
    assert "**The verdict can be trusted.**" in trust_page.render(records(*GOOD, AUDIT))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(RUN, complete=False), "not complete"),
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


@pytest.mark.parametrize(("gone", "words"), [(Mutant, "no mutant"), (Null, "no null"), (Rate, "no correct")])
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
        "98 / 99",
        "-0 equals 0",
        "pairwise",
        "1.60e-06 (8.40e-06)",
        "(136, 44)",
        "mm x3",
    ):
        assert words in page, words


def test_an_empty_file_is_rendered_and_not_trusted() -> None:
    assert "There is no run record" in trust_page.render([])
    assert complaints([])


def test_a_record_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="record 1 of kind mutant: lacks"):
        trust_page.render([{"kind": "mutant", "schema": 1}])
