"""What a service that runs checks is shown: a summary of bounded size, and lines that cannot break out of the log."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from reports.ci import annotations, job_summary
from reports.reading import gather
from tests.reports.test_parity_page import BAD, GOOD, LACKING, REFUSES, RUN

EVIL = "<script>|`x`\n::error::%0A\r*"


def summary(*records: Any) -> str:
    return job_summary.render(gather([asdict(record) for record in records]))


def lines(*records: Any, root: str = "") -> list[str]:
    return annotations.annotations(gather([asdict(record) for record in records]), root)


def test_the_summary_has_the_verdict_a_grid_and_the_causes() -> None:
    said = summary(
        RUN, GOOD, BAD, replace(GOOD, module="Tanh"), replace(REFUSES, module="Tanh", verdict="fail"), LACKING
    )
    verdict, rest = said.split("\n\n", 2)[1:]
    assert said.startswith("## Parity with torch.nn: framework\n")
    assert verdict.startswith("**2 of 4 quantities FAIL** in: Conv2d dL/dX, Tanh refuses.")
    grid = [[cell.strip() for cell in line.split("|")[1:-1]] for line in rest.splitlines() if line.startswith("|")]
    assert grid[0] == ["module", "dL/dX", "dL/dW", "behaviour"]
    assert grid[2:] == [
        ["Conv2d", "✗ FAIL", "✓ pass", "–"],
        ["Tanh", "–", "✓ pass", "✗ FAIL"],
        ["GRU", "–", "○ unsupported", "–"],
    ]
    assert "- **Conv2d, dL/dX**: It looks like this: transposed." in rest
    assert "- **Tanh, refuses**: ✗ FAIL" in rest


def test_the_summary_of_a_run_that_was_stopped_says_so() -> None:
    assert "**INCOMPLETE**" in summary(replace(RUN, complete=False), GOOD)
    assert "**Nothing was compared.**" in summary(RUN)


@pytest.mark.parametrize("modules", [1, 60, 5000])
def test_the_summary_is_at_most_ten_kilobytes(modules: int) -> None:
    many = [replace(BAD, module=f"Module{at:04}", diagnosis="ü" * 3000) for at in range(modules)]
    said = summary(RUN, *many)
    assert len(said.encode()) <= 10_000
    assert ("more lines are on the page" in said) is (modules > 1)


def test_the_worst_words_neither_break_a_table_nor_the_summary() -> None:
    run, wrong = replace(RUN, subject=EVIL), replace(BAD, subject=EVIL, module=EVIL, diagnosis=EVIL, detail=EVIL)
    said = summary(run, wrong)
    assert "<script>" not in said.replace("\\<script>", "")
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert {row.replace("\\|", "").count("|") for row in rows} == {3}


def test_each_wrong_quantity_is_a_line_at_its_module(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text('subject = Library(\n    {"Tanh": a,\n     "Conv2d": b})\n', encoding="utf-8")
    wrong = [BAD, replace(BAD, case="plain"), replace(BAD, quantity="bias"), replace(REFUSES, verdict="fail")]
    found = lines(replace(RUN, source=str(adapter)), GOOD, *wrong, root=str(tmp_path))
    assert found == [
        "::error file=adapter.py,line=3,title=framework%3A Conv2d dL/dX::Conv2d dL/dX is wrong in case stride 2, check "
        "values, float32, cpu (2 failures of this quantity): 3 are wrong%0Alooks like: transposed",
        "::error file=adapter.py,line=3,title=framework%3A Conv2d bias::Conv2d bias is wrong in case stride 2, check "
        "values, float32, cpu: 3 are wrong%0Alooks like: transposed",
        "::error file=adapter.py,line=3,title=framework%3A Conv2d refuses::Conv2d refuses is wrong in case stride 2, "
        "check refuses, float32, cpu: ",
    ]
    assert lines(RUN, GOOD, LACKING) == []


def test_no_word_breaks_out_of_its_line() -> None:
    run, wrong = replace(RUN, subject=EVIL, source="a,b:c.py"), replace(BAD, subject=EVIL, module=EVIL, detail=EVIL)
    (line,) = lines(run, wrong)
    properties, message = line.removeprefix("::error ").split("::", 1)
    assert "\n" not in line
    assert "\r" not in line
    assert properties.startswith("file=a%2Cb%3Ac.py,title=")
    assert properties.count("=") == 2
    assert "%25" in message
    assert "%0A" in message


def test_an_adapter_that_cannot_be_read_has_no_line() -> None:
    (line,) = lines(replace(RUN, source="no/such.py"), BAD)
    assert line.startswith("::error file=no/such.py,title=")
    (line,) = lines(RUN, BAD)
    assert line.startswith("::error title=framework%3A Conv2d dL/dX::")


def test_what_differs_without_failing_the_run_is_a_warning_in_a_column_of_its_own() -> None:
    run = replace(RUN, fail_on=("numbers", "behaviour"))
    differs = replace(REFUSES, module="Tanh", verdict="fail", aspect="conventions")
    assert [line.split(" ")[0] for line in lines(run, differs, replace(REFUSES, verdict="fail"))] == [
        "::error",
        "::warning",
    ]
    assert lines(replace(run, fail_on=("conventions",)), differs)[0].startswith("::error ")
    said = summary(run, GOOD, differs)
    assert "| conventions" in said
    assert "≠ differs" in said
    assert "FAIL" not in said


def test_what_was_not_compared_as_planned_is_an_error_too() -> None:
    said = lines(replace(RUN, faults=("Tanh of framework is required, but: 100%",)), GOOD)
    assert said == ["::error title=framework::Tanh of framework is required, but: 100%25"]
