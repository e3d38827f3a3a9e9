from dataclasses import asdict, replace
from typing import Any

from reports.parity.page import render
from reports.record import Parity, Run

ONE = Run(
    subject="one",
    seed=7,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="abc",
    machine={},
    versions={},
    settings={},
    source="one.py",
)
TWO = replace(ONE, subject="two", source="")
GOOD = Parity(
    subject="one",
    module="Linear",
    case="plain",
    check="values",
    quantity="dweight",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=7,
    verdict="pass",
    elements=54,
    subject_error=0.5,
    reference_error=0.75,
    limit=8.0,
)
OTHER = replace(GOOD, subject="two", subject_error=0.6)
BAD = replace(OTHER, module="ReLU", quantity="dx", verdict="fail", subject_error=812.0)


def page(*records: Any) -> str:
    return render([asdict(record) for record in records])


def row(text: str, heading: str, module: str) -> list[str]:
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| {module} ")]
    return [cell.strip() for cell in line.strip("|").split(" |")]


def test_every_subject_has_its_column() -> None:
    lacking = replace(GOOD, module="ReLU", verdict="unsupported", elements=0)
    text = page(ONE, TWO, GOOD, OTHER, BAD, lacking)
    assert "# Parity with torch.nn: one, two" in text
    assert row(text, "Side by side", "Linear") == ["Linear", "✓ right", "✓ right"]
    assert row(text, "Side by side", "ReLU") == ["ReLU", "○ unsupported", "✗ dL/dX"]


def test_a_module_that_one_subject_does_not_have_at_all() -> None:
    assert row(page(ONE, TWO, GOOD, BAD), "Side by side", "ReLU") == ["ReLU", "– not run", "✗ dL/dX"]


def test_broken_behaviour_leaves_the_numbers_right() -> None:
    broken = replace(GOOD, check="refuses", quantity="integers", verdict="fail", elements=0)
    assert row(page(ONE, TWO, GOOD, broken, OTHER), "Side by side", "Linear")[1] == "✓ numbers; ✗ refuses"


def test_what_could_not_be_judged_is_not_right() -> None:
    for verdict, word in (("error", "✗ stopped"), ("void", "✗ void")):
        text = page(ONE, TWO, replace(GOOD, verdict=verdict), OTHER)
        assert row(text, "Side by side", "Linear")[1] == word


def test_who_is_closest_is_counted_where_all_were_compared() -> None:
    alone = replace(GOOD, case="alone", subject_error=5.0)
    tie = [replace(record, case="tie", subject_error=0.75) for record in (GOOD, OTHER)]
    wide = [replace(record, case="wide", dtype="float64") for record in (GOOD, OTHER)]
    shown = row(page(ONE, TWO, GOOD, OTHER, alone, *tie, *wide), "Who is closer to the truth", "Linear")
    assert shown == ["Linear", "2", "100 (5.00)", "50 (0.750)", "50 (0.750)"]


def test_each_subject_has_its_letter_and_its_failures() -> None:
    text = page(ONE, TWO, GOOD, OTHER, BAD)
    letters = text.split("## The referee's report\n", 1)[1].split("\n## ", 1)[0]
    assert [heading for heading in ("### one", "### two") if heading in letters] == ["### one", "### two"]
    failed = text.split("## What failed\n", 1)[1].split("\n## ", 1)[0]
    assert "Nothing failed." in failed.split("### two")[0]
    assert "812" in failed.split("### two")[1]


def test_two_runs_of_one_subject_do_not_stand_side_by_side() -> None:
    assert "Side by side" not in page(ONE, ONE, GOOD)
