from dataclasses import asdict, replace
from typing import Any

import pytest

from reports.parity.page import render
from reports.record import Paper004Difference, Parity, Run

RUN = Run(
    subject="framework",
    seed=7,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="abc123",
    machine={"cores": "2"},
    versions={"torch": "2.11"},
    settings={},
)
GOOD = Parity(
    subject="framework",
    module="Conv2d",
    case="stride 2",
    check="values",
    quantity="dweight",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=7,
    verdict="pass",
    elements=54,
    max_abs_diff=4e-7,
    mean_abs_diff=1e-7,
    scale=2.0,
    subject_error=0.5,
    reference_error=0.75,
    limit=4.0,
)
BAD = replace(
    GOOD,
    quantity="dx",
    verdict="fail",
    subject_error=812.0,
    worst_index=(1, 2),
    detail="3 are wrong",
    diagnosis="transposed",
)
LACKING = replace(GOOD, module="GRU", verdict="unsupported", elements=0, detail="no recurrent modules")
REFUSES = replace(GOOD, check="refuses", quantity="bad padding", elements=0)


def page(*records: Any) -> str:
    return render([asdict(record) for record in records])


def section(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def row(text: str, *starts: str) -> list[str]:
    """Return the cells of the only row of a table that begins with `starts`."""
    rows = [[cell.strip() for cell in line.strip("|").split(" |")] for line in text.splitlines() if line[:1] == "|"]
    (wanted,) = [cells for cells in rows if tuple(cells[: len(starts)]) == starts]
    return wanted


def test_headline_counts_what_passed() -> None:
    verdict = section(page(RUN, GOOD, replace(GOOD, module="ReLU", quantity="output")), "In five seconds")
    assert "All 2 compared quantities of 2 modules pass." in verdict
    assert "INCOMPLETE" not in verdict


def test_summary_counts() -> None:
    other = replace(GOOD, case="stride 3", subject_error=3.0, verdict="pass")
    text = page(RUN, GOOD, BAD, other, REFUSES, replace(GOOD, case="c", verdict="error"))
    counts = ["4", "1", "0", "1", "812", "0.750", "4.00"]
    assert row(section(text, "In five seconds"), "Conv2d") == ["Conv2d", "✗ FAIL", "✓ pass", "–", *counts]
    shares = ["4", "162", "33", "0", "67"]
    assert row(section(text, "Who is closer to the truth"), "Conv2d") == ["Conv2d", *shares]


def test_failure_is_named_and_listed() -> None:
    text = page(RUN, GOOD, BAD)
    assert "1 of 2 quantities FAIL** in: Conv2d dL/dX." in text
    listed = row(section(text, "What failed"), "Conv2d", "stride 2", "values", "dL/dX")
    assert listed[4:] == [
        "float32",
        "normal",
        "(1, 2)",
        "812",
        "4.00",
        "✗ FAIL",
        "3 are wrong",
        "transposed",
    ]


def test_of_many_like_failures_the_worst_are_shown_and_the_rest_counted() -> None:
    failures = section(
        page(RUN, *(replace(BAD, case=f"c{n}", subject_error=10.0 + n) for n in range(9))), "What failed"
    )
    assert [f"c{n}" for n in range(9) if f"c{n} " in failures] == ["c6", "c7", "c8"]
    assert "6 more are recorded" in failures


def test_unsupported_counts_as_neither_right_nor_wrong() -> None:
    text = page(RUN, GOOD, LACKING)
    assert "All 1 compared quantities of 1 module pass.** 1 quantity unsupported" in text
    assert row(section(text, "In five seconds"), "GRU")[1:8] == ["○ unsupported", "–", "–", "0", "0", "0", "1"]
    assert "1 quantity of GRU: no recurrent modules" in section(text, "What did not run and why")


def test_pass_that_compared_nothing_is_void_and_listed() -> None:
    text = page(RUN, GOOD, replace(GOOD, module="Fold", elements=0))
    assert "All 1 compared quantities" in text
    assert "1 quantity VOID or in ERROR** in: Fold dL/dW." in text
    assert "nothing was compared, though recorded as pass" in section(text, "What failed")


def test_contract_check_needs_no_elements() -> None:
    text = page(RUN, REFUSES, replace(REFUSES, case="other", verdict="unsupported"))
    assert "VOID" not in text
    assert row(section(text, "Module by module"), "refuses") == ["refuses", "2", "2", "1", "1", "0", "–"]


def test_same_route_is_no_proof() -> None:
    text = page(RUN, replace(GOOD, verdict="same-route"))
    assert "1 of the compared agree by the same route" in text
    assert row(section(text, "In five seconds"), "Conv2d")[1] == "≡ same route"


def test_float64_does_not_say_who_is_closer() -> None:
    wide = replace(GOOD, dtype="float64", reference_error=0.0)
    heading = "Who is closer to the truth"
    assert row(section(page(RUN, wide, GOOD), heading), "Conv2d")[-3:] == ["100", "0", "0"]
    assert row(section(page(RUN, wide), heading), "Conv2d")[-3:] == ["–", "–", "–"]


def test_module_table_pools_cells_by_their_elements() -> None:
    one, two = replace(GOOD, elements=1, mean_abs_diff=4.0, scale=1.0), replace(GOOD, elements=3, case="b", scale=3.0)
    pooled = row(section(page(RUN, one, replace(two, mean_abs_diff=8.0)), "Module by module"), "values", "dL/dW")
    assert pooled[3:8] == ["2", "4", "4.00e-07", "7.00", "2.65"]  # 2.65 = sqrt((1 + 3 x 9) / 4)
    assert pooled[-1] == "✓ 2 pass"


def test_infinite_difference_of_the_largest_size_still_renders() -> None:
    huge = replace(BAD, elements=1, mean_abs_diff=1e308, subject_error=float("inf"), scale=1e300)
    assert "inf" in row(section(page(RUN, huge, replace(huge, case="b")), "Module by module"), "values", "dL/dX")


def test_interrupted_run_is_incomplete() -> None:
    text = page(replace(RUN, complete=False, not_run=("3 cases need a GPU.",)), GOOD)
    assert "**INCOMPLETE**" in section(text, "In five seconds")
    assert "- 3 cases need a GPU." in section(text, "What did not run and why")


def test_no_records_at_all() -> None:
    verdict = section(page(), "In five seconds")
    assert "**INCOMPLETE**" in verdict
    assert "**Nothing was compared.**" in verdict
    assert "pass" not in verdict


def test_paper_004_prints_the_scale() -> None:
    measured = Paper004Difference(
        table="II",
        module="Conv2d",
        quantity="dweight",
        runs=10000,
        shape=(100, 3, 10, 10),
        mean=8.62e-8,
        std=1.34e-8,
        scale=0.02,
        paper="8.62e-8",
        dtype="float32",
    )
    cells = row(section(page(RUN, measured), "Tables I and II of paper 004"), "Conv2d", "dL/dW")
    assert cells[4:] == ["10,000", "8.62e-08 (1.34e-08)", "0.0200", "4.31e-06", "8.62e-8"]


def test_order_of_measurements_does_not_change_a_byte() -> None:
    cases = [replace(r, case=f"c{n}", mean_abs_diff=0.1 * n) for n in range(9) for r in (GOOD, BAD, LACKING, REFUSES)]
    assert page(RUN, *cases) == page(RUN, *reversed(cases))


def test_words_of_a_record_cannot_break_the_table() -> None:
    listed = section(page(RUN, replace(BAD, detail="got a|b\n| *c* <d>")), "What failed")
    assert r"got a\|b \| \*c\* \<d>" in listed


def test_records_of_unknown_kind_are_counted() -> None:
    text = render([asdict(RUN), {"kind": "riddle", "schema": 1}])
    assert "1 record of kind riddle" in section(text, "What did not run and why")


@pytest.mark.parametrize(
    ("fault", "message"),
    [({"verdict": "fine"}, "verdict must be one of"), ({"elements": "9"}, "elements must be"), ({"limit": "x"}, "'x'")],
)
def test_record_that_is_not_one_is_named(fault: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"record 2 of kind parity: .*{message}"):
        render([asdict(RUN), asdict(GOOD) | fault])


def test_missing_field_is_named() -> None:
    record = asdict(GOOD)
    del record["module"]
    with pytest.raises(ValueError, match="record 1 of kind parity: lacks module"):
        render([record])


def test_a_check_that_fails_because_a_quantity_is_wrong_is_no_finding_of_its_own() -> None:
    checks = ("accumulates", "batches", "layouts", "needs-forward", "pickles", "remembers-last", "state")
    met = [replace(BAD, check=check, detail=f"a note: {BAD.detail}") for check in checks]
    text = page(RUN, GOOD, BAD, *met)
    assert "**1 of 9 quantities FAIL** in: Conv2d dL/dX (and so fails 7 checks)" in text
    assert ". 7 more fail because of these, in other checks." in text
    failed = section(text, "What failed")
    shown, folded = failed.split("<details>")
    assert not [check for check in checks if check in shown]
    assert row(folded, "Conv2d") == ["Conv2d", "dL/dX", ", ".join(checks), "7"]


@pytest.mark.parametrize(
    "own",
    [
        {
            "subject_error": float("nan"),
            "detail": "a second backward did not double it",
        },  # no comparison with the truth
        {"case": "other"},
        {"quantity": "dweight"},
        {"dtype": "float64"},  # in which the values are right
    ],
)
def test_a_check_that_fails_otherwise_is_a_finding_of_its_own(own: dict[str, Any]) -> None:
    right = replace(BAD, dtype="float64", verdict="pass")
    text = page(RUN, GOOD, BAD, right, replace(BAD, check="accumulates", **own))
    assert "**2 of 4 quantities FAIL** in: Conv2d dL/dX, Conv2d accumulates." in text
    assert "<details>" not in section(text, "What failed")


def test_a_shape_that_is_wrong_is_told_once() -> None:
    shape = replace(BAD, elements=0, subject_error=float("nan"), detail="shape must be (2,), was (1, 2)")
    text = page(RUN, shape, replace(shape, check="batches", detail=f"batch of 1: {shape.detail}"))
    assert "1 of 2 quantities FAIL** in: Conv2d dL/dX (and so fails 1 check)" in text
    assert ". 1 more fails because of these, in other checks." in text


def test_a_finished_run_that_did_not_compare_what_was_planned_is_finished() -> None:
    verdict = section(
        page(replace(RUN, faults=("Conv2d on cpu: 3 cells compared, must be 4",)), GOOD), "In five seconds"
    )
    assert "**NOT AS PLANNED**: Conv2d on cpu: 3 cells compared, must be 4." in verdict
    assert "INCOMPLETE" not in verdict


def test_a_wrong_figure_of_paper_004_is_named_and_leaves_the_run_finished() -> None:
    figures = {"runs": 2, "shape": (3,), "mean": 0.1, "std": 0.0, "scale": 1.0, "paper": "0", "detail": "3 are wrong"}
    text = page(RUN, GOOD, Paper004Difference(table="II", module="Conv2d", quantity="dweight", **figures))
    assert "**In the tables of paper 004 is wrong**: Conv2d dL/dW." in section(text, "In five seconds")
    assert "- Conv2d dL/dW: 3 are wrong" in section(text, "Tables I and II of paper 004")
    assert "INCOMPLETE" not in text


def test_a_module_that_stopped_in_every_check_is_named_once() -> None:
    checks = ("values", "accumulates", "batches", "layouts")
    stopped = [replace(BAD, check=check, quantity="all", verdict="error") for check in checks]
    assert "4 quantities VOID or in ERROR** in: Conv2d in 4 checks." in page(RUN, GOOD, *stopped)
